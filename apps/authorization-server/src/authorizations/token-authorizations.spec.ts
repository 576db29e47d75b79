import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReceivedChanges } from '../changes/received-changes.js';
import type { ClientRepository } from '../clients/client-repository.js';
import type { Client } from '../clients/client.js';
import type { UserRepository } from '../users/user-repository.js';
import type { User } from '../users/user.js';
import { NOW, STATE } from './a-state.spec-support.js';
import type { AuthorizationState, NamedAuthorization } from './authorization.js';
import type { AuthorizationRepository } from './authorization-repository.js';
import { TokenAuthorizations } from './token-authorizations.js';

const ID = STATE.authorization.id;
const NAMED = { ...STATE.authorization, clientId: 'shop', ownerSub: 's' } as NamedAuthorization;
/** What the database says, which is not what the caches say. */
const STORED = { ...STATE, now: NOW + 77 } as AuthorizationState;

type Answer<T> = T | null | Promise<T | null>;

describe('TokenAuthorizations', () => {
  let cached: Answer<NamedAuthorization>;
  let client: Answer<Client>;
  let user: Answer<User>;
  let inSync: boolean;
  let asked: string[];
  let authorizations: TokenAuthorizations;

  beforeEach(() => {
    [cached, inSync, asked] = [NAMED, true, []];
    client = { ...STATE.client, key: 1 } as unknown as Client;
    user = { ...STATE.owner, key: 2 } as unknown as User;
    authorizations = new TokenAuthorizations(
      {
        findCached: (sid: string) => {
          asked.push(`cached ${sid}`);
          return cached;
        },
        find: (sid: string) => {
          asked.push(`stored ${sid}`);
          return Promise.resolve(STORED);
        },
      } as unknown as AuthorizationRepository,
      {
        findByClientId: (id: string) => {
          asked.push(`client ${id}`);
          return client;
        },
      } as unknown as ClientRepository,
      {
        findBySub: (sub: string) => {
          asked.push(`user ${sub}`);
          return user;
        },
      } as unknown as UserRepository,
      {
        get inSync() {
          return inSync;
        },
        latestTime: () => NOW,
      } as unknown as ReceivedChanges,
    );
  });

  const find = () => authorizations.find(ID);

  it('answers at once from the caches', () => {
    expect(find()).toEqual({ authorization: NAMED, client, owner: user, now: NOW });
    expect(asked).toEqual([`cached ${ID}`, 'client shop', 'user s']);
  });

  it('answers later where a part is read', async () => {
    const expected = { authorization: NAMED, client, owner: user, now: NOW };
    [cached, client, user] = [
      Promise.resolve(NAMED),
      Promise.resolve(expected.client),
      Promise.resolve(expected.owner),
    ];
    expect(await find()).toEqual(expected);
  });

  it('reads the database while this server does not receive every change', async () => {
    inSync = false;
    expect(await find()).toBe(STORED);
    expect(asked).toEqual([`stored ${ID}`]);
  });

  it('reads it where the server has lost touch while it waited for a part', async () => {
    user = Promise.resolve(user).then((found) => {
      inSync = false;
      return found;
    });
    expect(await find()).toBe(STORED);
  });

  it('knows nothing of an authorization that is not there', async () => {
    cached = null;
    expect(find()).toBeNull();
    cached = Promise.resolve(null);
    expect(await find()).toBeNull();
    expect(asked).toEqual([`cached ${ID}`, `cached ${ID}`]);
  });

  it("asks for no user where it is a client's own", () => {
    cached = { ...NAMED, ownerSub: null, userKey: null, userEpoch: null };
    user = null;
    expect(find()).toEqual({ authorization: cached, client, owner: null, now: NOW });
    expect(asked).toEqual([`cached ${ID}`, 'client shop']);
  });

  // A login at another server may depend on a change that this one has not received yet.
  it.each<[string, () => void]>([
    ['another client has its name', () => void (client = { ...STATE.client, key: 9 } as unknown as Client)],
    ['another user has its name', () => void (user = { ...STATE.owner, key: 9 } as unknown as User)],
    ['its client is gone', () => void (client = null)],
    ['its user is gone', () => void (user = null)],
    ['its client has no name any longer', () => void (cached = { ...NAMED, clientId: null })],
    ['its user has no name any longer', () => void (cached = { ...NAMED, ownerSub: null })],
    [
      'its client is disabled',
      () => void (client = { ...STATE.client, key: 1, enabled: false } as unknown as Client),
    ],
    [
      'its user has another epoch',
      () => void (user = { ...STATE.owner, key: 2, epoch: 6 } as unknown as User),
    ],
  ])('asks the database where %s, by the caches', async (_, arrange) => {
    arrange();
    expect(await find()).toBe(STORED);
    expect(asked.at(-1)).toBe(`stored ${ID}`);
  });

  it.each([{ revokedAt: NOW - 1 }, { expiresAt: NOW }])(
    'asks nothing where the authorization itself has ended: %j',
    (changes) => {
      cached = { ...NAMED, ...changes };
      expect(find()).toEqual({ authorization: cached, client, owner: user, now: NOW });
      expect(asked).not.toContain(`stored ${ID}`);
    },
  );
});
