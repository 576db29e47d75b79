import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, ClientSecret } from '../../clients/client.js';
import type { ClientRepository } from '../../clients/client-repository.js';
import { ClientAuthenticationCache } from './client-authentication-cache.js';

const HEADER = 'Basic c2hvcDpzZWNyZXQ=';

function aClient(secrets: readonly Partial<ClientSecret>[] = [{ expiresAt: null }]): Client {
  return { clientId: 'shop', secrets } as unknown as Client;
}

describe('ClientAuthenticationCache', () => {
  let stored: Client | null;
  let cache: ClientAuthenticationCache;

  beforeEach(() => {
    stored = aClient();
    const clients = { getCachedByClientId: () => stored } as unknown as ClientRepository;
    cache = new ClientAuthenticationCache(clients);
  });

  it('knows no client at first', async () => {
    expect(cache.getCached(HEADER)).toBeNull();
  });

  it('knows the client of a header, and none of another header', async () => {
    cache.cache(HEADER, stored!);
    expect(cache.getCached(HEADER)).toBe(stored);
    expect(cache.getCached(`${HEADER} `)).toBeNull();
    expect(cache.getCached(HEADER.toLowerCase())).toBeNull();
  });

  it('forgets a client that was changed or deleted', async () => {
    cache.cache(HEADER, stored!);
    stored = aClient();
    expect(cache.getCached(HEADER)).toBeNull();
    stored = null;
    expect(cache.getCached(HEADER)).toBeNull();
  });

  it('ends an entry when a secret of the client ends', async () => {
    const end = Date.now() + 20;
    stored = aClient([{ expiresAt: null }, { expiresAt: end }]);
    cache.cache(HEADER, stored);
    while (Date.now() <= end) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(cache.getCached(HEADER)).toBeNull();
  });

  it('does not mind secrets that have ended already', async () => {
    stored = aClient([{ expiresAt: null }, { expiresAt: Date.now() - 1000 }]);
    cache.cache(HEADER, stored);
    expect(cache.getCached(HEADER)).toBe(stored);
  });
});
