import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, ClientSecret } from '../../clients/client.js';
import type { ClientRepository } from '../../clients/client-repository.js';
import { RememberedCredentials } from './remembered-credentials.js';

const HEADER = 'Basic c2hvcDpzZWNyZXQ=';

function aClient(secrets: readonly Partial<ClientSecret>[] = [{ expiresAt: null }]): Client {
  return { clientId: 'shop', secrets } as unknown as Client;
}

describe('RememberedCredentials', () => {
  let stored: Client | null;
  let remembered: RememberedCredentials;

  beforeEach(() => {
    stored = aClient();
    const clients = { recallByClientId: () => stored } as unknown as ClientRepository;
    remembered = new RememberedCredentials(clients);
  });

  it('knows nobody at first', async () => {
    expect(remembered.recall(HEADER)).toBeNull();
  });

  it('recalls whom a header has proved, and nobody by another header', async () => {
    remembered.remember(HEADER, stored!);
    expect(remembered.recall(HEADER)).toBe(stored);
    expect(remembered.recall(`${HEADER} `)).toBeNull();
    expect(remembered.recall(HEADER.toLowerCase())).toBeNull();
  });

  it('forgets a client that was changed or deleted', async () => {
    remembered.remember(HEADER, stored!);
    stored = aClient();
    expect(remembered.recall(HEADER)).toBeNull();
    stored = null;
    expect(remembered.recall(HEADER)).toBeNull();
  });

  it('forgets a proof when a secret of the client ends', async () => {
    const end = Date.now() + 20;
    stored = aClient([{ expiresAt: null }, { expiresAt: end }]);
    remembered.remember(HEADER, stored);
    while (Date.now() <= end) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(remembered.recall(HEADER)).toBeNull();
  });

  it('does not mind secrets that have ended already', async () => {
    stored = aClient([{ expiresAt: null }, { expiresAt: Date.now() - 1000 }]);
    remembered.remember(HEADER, stored);
    expect(remembered.recall(HEADER)).toBe(stored);
  });
});
