import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, ClientSecret } from '../../clients/client.js';
import type { ClientRepository } from '../../clients/client-repository.js';
import type { ClientSecretUses } from '../../clients/client-secret-uses.js';
import { hashClientSecret } from '../../clients/client-secret-hash.js';
import type { ClientSecretThrottle } from '../../throttling/client-secret-throttle.js';
import type { RefusalDelay } from '../../throttling/refusal-delay.js';
import { OAuthError } from '../common/oauth-error.js';
import { ClientAuthenticator } from './client-authenticator.js';
import type { ClientCredentials } from './client-credentials.js';

const PEER = { address: '192.0.2.1', arrivedAt: 17 };
const SECRET = 'the-secret-of-the-shop';

function aSecret(id: string, text: string, expiresAt: number | null = null): ClientSecret {
  return { id, hash: hashClientSecret(text), expiresAt };
}

function aClient(overrides: Partial<Client> = {}): Client {
  const secrets = [aSecret('1', SECRET)];
  return { clientId: 'shop', clientType: 'confidential', enabled: true, secrets, ...overrides } as Client;
}

describe('ClientAuthenticator', () => {
  /** What memory knows, and what the database does. */
  let cached: Map<string, Client>;
  let stored: Map<string, Client>;
  let reread: string[];
  let used: string[];
  /** Arguments of each failure that was counted, and how often an answer waited. */
  let failures: [string, string][];
  let waits: number[];
  let tooMany: boolean;
  let authenticator: ClientAuthenticator;

  const authenticate = (credentials: Partial<ClientCredentials> = {}) =>
    authenticator.authenticate(
      { method: 'client_secret_basic', clientId: 'shop', secret: SECRET, ...credentials },
      PEER,
    );
  const detailOf = async (credentials: Partial<ClientCredentials>) => {
    const error: unknown = await authenticate(credentials).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ code: 'invalid_client', status: 401 });
    return (error as OAuthError).detail;
  };

  beforeEach(() => {
    cached = new Map();
    stored = new Map([['shop', aClient()]]);
    [reread, used, failures, waits, tooMany] = [[], [], [], [], false];
    authenticator = new ClientAuthenticator(
      {
        getCachedByClientId: (id: string) => cached.get(id) ?? null,
        rereadByClientId: (id: string) => {
          reread.push(id);
          return Promise.resolve(stored.get(id) ?? null);
        },
      } as unknown as ClientRepository,
      {
        countFailure: (id: string, address: string) => {
          failures.push([id, address]);
          return tooMany;
        },
      } as unknown as ClientSecretThrottle,
      { wait: (from: number) => Promise.resolve(void waits.push(from)) } as unknown as RefusalDelay,
      { note: (id: string) => void used.push(id) } as unknown as ClientSecretUses,
    );
  });

  it('lets a client in that memory knows, without the database, and notes the use of its secret', async () => {
    const client = aClient();
    cached.set('shop', client);
    expect(await authenticate()).toBe(client);
    expect({ reread, used, failures }).toEqual({ reread: [], used: ['1'], failures: [] });
  });

  it('refuses nothing by what memory knows: a secret may be new', async () => {
    cached.set('shop', aClient({ secrets: [aSecret('1', 'an old one')] }));
    expect(await authenticate()).toBe(stored.get('shop'));
    cached.set('shop', aClient({ enabled: false }));
    expect(await authenticate()).toBe(stored.get('shop'));
    expect(reread).toEqual(['shop', 'shop']);
  });

  it.each<[string, Partial<ClientCredentials>, Partial<Client> | null, string]>([
    ['an unknown client', { clientId: 'nowhere' }, {}, 'unknown client'],
    ['a wrong secret', { secret: 'wrong' }, {}, 'wrong secret'],
    ['no secret', { secret: null, method: 'none' }, {}, 'a confidential client presented no secret'],
    ['a disabled client', {}, { enabled: false }, 'disabled client'],
    [
      'a public client with a secret',
      {},
      { clientType: 'public', secrets: [] },
      'a public client presented a secret',
    ],
    [
      'a public client that is disabled',
      { secret: null },
      { clientType: 'public', secrets: [], enabled: false },
      'disabled client',
    ],
    ['a secret that is too long', { secret: 'x'.repeat(1025) }, {}, 'unknown client'],
    ['a client without secrets', {}, { secrets: [] }, 'wrong secret'],
  ])('refuses %s, after one look at the database', async (_, credentials, overrides, detail) => {
    stored.set('shop', aClient(overrides ?? {}));
    expect(await detailOf(credentials)).toBe(detail);
    expect(reread).toHaveLength(1);
    expect(used).toEqual([]);
  });

  it('does not ask the database for a name that is too long for a client', async () => {
    expect(await detailOf({ clientId: 'x'.repeat(256) })).toBe('unknown client');
    expect(reread).toEqual([]);
    expect(await detailOf({ clientId: 'x'.repeat(255) })).toBe('unknown client');
    expect(reread).toEqual(['x'.repeat(255)]);
  });

  it('takes any of several secrets, and none that has ended', async () => {
    const now = Date.now();
    const secrets = [
      aSecret('1', 'ended', now - 1),
      aSecret('2', 'soon', now + 60_000),
      aSecret('3', SECRET),
    ];
    stored.set('shop', aClient({ secrets }));
    await authenticate({ secret: 'soon' });
    await authenticate();
    expect(used).toEqual(['2', '3']);
    expect(await detailOf({ secret: 'ended' })).toBe('wrong secret');
  });

  it('takes a secret of a thousand characters', async () => {
    const secret = 'x'.repeat(1024);
    stored.set('shop', aClient({ secrets: [aSecret('1', secret)] }));
    expect(await authenticate({ secret })).toBe(stored.get('shop'));
  });

  it('lets a public client in that presents no secret', async () => {
    stored.set('shop', aClient({ clientType: 'public', secrets: [] }));
    expect(await authenticate({ secret: null, method: 'none' })).toBe(stored.get('shop'));
    expect(used).toEqual([]);
  });

  describe('with credentials that read in two ways', () => {
    const asWritten = { clientId: 'sh%6Fp', secret: 'se%63ret' };

    it('takes either, and asks the database about both', async () => {
      const written = aClient({ clientId: 'sh%6Fp', secrets: [aSecret('7', asWritten.secret)] });
      stored.set('sh%6Fp', written);
      expect(await authenticate({ secret: 'wrong', asWritten })).toBe(written);
      expect(await authenticate({ asWritten })).toBe(stored.get('shop'));
      expect(reread).toEqual(['shop', 'sh%6Fp', 'shop', 'sh%6Fp']);
      expect(used).toEqual(['7', '1']);
    });

    it('says of the client that there is what is wrong', async () => {
      stored.delete('shop');
      stored.set('sh%6Fp', aClient({ clientId: 'sh%6Fp' }));
      expect(await detailOf({ asWritten })).toBe('wrong secret');
    });

    it('asks once where both are the same name', async () => {
      expect(await authenticate({ asWritten: { clientId: 'shop', secret: 'other' } })).toBe(
        stored.get('shop'),
      );
      expect(reread).toEqual(['shop']);
    });
  });

  it('counts a wrong secret against the peer, and lets the answer wait where there were too many', async () => {
    await detailOf({ secret: 'wrong' });
    expect({ failures, waits }).toEqual({ failures: [['shop', PEER.address]], waits: [] });
    tooMany = true;
    await detailOf({ clientId: 'x'.repeat(300), secret: 'wrong' });
    expect(failures.at(-1)).toEqual(['x'.repeat(255), PEER.address]);
    expect(waits).toEqual([PEER.arrivedAt]);
  });

  it('counts nothing where no secret was presented, or the database failed', async () => {
    await detailOf({ secret: null, method: 'none' });
    const broken = new Error('no database');
    Object.assign(stored, {
      get: () => {
        throw broken;
      },
    });
    await expect(authenticate()).rejects.toBe(broken);
    expect(failures).toEqual([]);
  });
});
