import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import type { Client } from '../../../clients/client.js';
import type { ClientRepository } from '../../../clients/client-repository.js';
import type { WaitingLoginEntity } from '../../../waiting-logins/waiting-login.entity.js';
import type {
  FoundWaitingLogin,
  WaitingLoginRepository,
} from '../../../waiting-logins/waiting-login-repository.js';
import type { PasskeyChallenge, PasskeysService } from '../../../second-factors/passkeys.service.js';
import { HasSecondFactorError } from '../../../second-factors/second-factor-repository.js';
import type { SecondFactorsService, ShownTotp } from '../../../second-factors/second-factors.service.js';
import { ACR_MFA, ACR_PHISHING_RESISTANT } from '../../../tokens/authentication-context.js';
import type { User } from '../../../users/user.js';
import type { UserRepository } from '../../../users/user-repository.js';
import { aFound, NOW, someFactors } from './waiting-login.spec-support.js';
import { aClient, aUser } from './token-request.spec-support.js';
import { WaitingLogins } from './waiting-logins.js';

const CLIENT = aClient();
const USER = aUser();
const DATABASE = {} as Database;
const FACTORS = someFactors({ totp: true });
const SHOWN = { id: 'a-totp', recoveryCodes: ['a', 'b'] } as Partial<ShownTotp>;
const CHALLENGE = {
  challenge: Buffer.from('a challenge'),
  lifetimeMs: 300_000,
  options: { challenge: 'in base64url' },
} as unknown as PasskeyChallenge;

const OVER = 'user or client is disabled or deleted, or their logins were ended';

describe('WaitingLogins', () => {
  let found: FoundWaitingLogin | null;
  let clients: Client[];
  let users: User[];
  let challenge: PasskeyChallenge | null;
  /** What ends the enrolment. */
  let notEnrolled: Error | null;
  /** Whether the attempt still waits when the challenge is stored. */
  let stillWaits: boolean;
  let events: unknown[][];
  let logins: WaitingLogins;

  beforeEach(() => {
    [found, clients, users, challenge] = [aFound(), [CLIENT], [USER], CHALLENGE];
    [notEnrolled, stillWaits, events] = [null, true, []];
    const byHandle = (handle: string) => Promise.resolve(handle === 'the-handle' ? found : null);
    logins = new WaitingLogins(
      DATABASE,
      {
        find: (handle: string, { key }: Client) =>
          key === CLIENT.key ? byHandle(handle) : Promise.resolve(null),
        findOfAnyClient: byHandle,
        setChallenge: ({ id }: WaitingLoginEntity, bytes: Buffer, lifetimeMs: number) => {
          events.push(['challenge', id, bytes, lifetimeMs]);
          return Promise.resolve(stillWaits);
        },
      } as unknown as WaitingLoginRepository,
      {
        findByClientId: (name: string) =>
          Promise.resolve(clients.find(({ clientId }) => clientId === name) ?? null),
      } as ClientRepository,
      {
        list: (reader: unknown, key: number) =>
          Promise.resolve(reader === DATABASE && key === USER.key ? FACTORS : null),
        enrolTotp: ({ sub }: User, onlyFirst: boolean) => {
          events.push(['enrol', sub, onlyFirst]);
          return notEnrolled === null ? Promise.resolve(SHOWN) : Promise.reject(notEnrolled);
        },
      } as unknown as SecondFactorsService,
      {
        challenge: ({ sub }: User) => Promise.resolve(sub === USER.sub ? challenge : null),
      } as PasskeysService,
      {
        findBySub: (name: string) => Promise.resolve(users.find(({ sub }) => sub === name) ?? null),
      } as UserRepository,
    );
  });

  it('serves the client and the user of a login that waits', async () => {
    expect(await logins.clientOf('the-handle')).toBe(CLIENT);
    expect(await logins.findWaiting(CLIENT, 'the-handle')).toEqual({ attempt: found?.attempt, user: USER });
    expect(await logins.listFactors(CLIENT, 'the-handle')).toBe(FACTORS);
  });

  describe.each<[string, (handle: string) => Promise<unknown>]>([
    ['clientOf', (handle) => logins.clientOf(handle)],
    ['findWaiting', (handle) => logins.findWaiting(CLIENT, handle)],
    ['listFactors', (handle) => logins.listFactors(CLIENT, handle)],
    ['challengePasskey', async (handle) => logins.challengePasskey(await logins.findWaiting(CLIENT, handle))],
    ['enrol', (handle) => logins.enrol(CLIENT, handle)],
  ])('%s refuses', (name, ask) => {
    const foreign = name === 'clientOf' ? 'unknown or altered' : 'unknown, altered, or of another client';

    it.each<[string, () => void, string]>([
      ['an unknown handle', () => (found = null), foreign],
      ['a login that is completed', () => (found = aFound({ sid: 'the-sid' })), 'spent'],
      ['a login at its end', () => (found = aFound({ expiresAt: NOW })), 'expired'],
      ['a login that was ended', () => (found = aFound({}, { liveSub: null })), OVER],
      ['a user who is deleted', () => (users = []), OVER],
    ])('%s', async (_, arrange, detail) => {
      arrange();
      await expect(ask('the-handle')).rejects.toMatchObject({ code: 'invalid_grant', status: 400, detail });
      expect(events).toEqual([]);
    });
  });

  it.each<[string, () => void]>([
    ['was deleted', () => (found = aFound({}, { clientId: null }))],
    ['is deleted meanwhile', () => (clients = [])],
  ])('clientOf refuses where the client %s', async (_, arrange) => {
    arrange();
    await expect(logins.clientOf('the-handle')).rejects.toMatchObject({
      code: 'invalid_grant',
      detail: 'unknown or altered',
    });
  });

  it("refuses another client's handle", async () => {
    await expect(logins.findWaiting(aClient({ key: 9 }), 'the-handle')).rejects.toMatchObject({
      code: 'invalid_grant',
      detail: 'unknown, altered, or of another client',
    });
  });

  it('finds a completed login too, for the request that may get its answer again', async () => {
    found = aFound({ sid: 'the-sid' });
    expect(await logins.find(CLIENT, 'the-handle')).toBe(found);
    expect(await logins.userOf(found)).toBe(USER);
  });

  describe('challengePasskey', () => {
    const waiting = () => logins.findWaiting(CLIENT, 'the-handle');

    it('stores the challenge for as long as it is valid, and returns what the browser needs', async () => {
      expect(await logins.challengePasskey(await waiting())).toBe(CHALLENGE.options);
      expect(events).toEqual([['challenge', 'the-attempt', CHALLENGE.challenge, CHALLENGE.lifetimeMs]]);
    });

    it('is none for a user without a passkey, and stores nothing', async () => {
      challenge = null;
      expect(await logins.challengePasskey(await waiting())).toBeNull();
      expect(events).toEqual([]);
    });

    it('refuses where the login was completed since it was read', async () => {
      stillWaits = false;
      await expect(logins.challengePasskey(await waiting())).rejects.toMatchObject({
        code: 'invalid_grant',
        detail: 'spent meanwhile',
      });
    });
  });

  describe('enrol', () => {
    it('is for a first factor only, because only the password was shown', async () => {
      found = aFound({ acr: ACR_MFA });
      expect(await logins.enrol(CLIENT, 'the-handle')).toBe(SHOWN);
      expect(events).toEqual([['enrol', USER.sub, true]]);
    });

    it('refuses a login that needs a passkey, and enrols nothing', async () => {
      found = aFound({ acr: ACR_PHISHING_RESISTANT });
      await expect(logins.enrol(CLIENT, 'the-handle')).rejects.toMatchObject({
        code: 'unmet_authentication_requirements',
      });
      expect(events).toEqual([]);
    });

    it('refuses a user who has a factor already', async () => {
      notEnrolled = new HasSecondFactorError();
      await expect(logins.enrol(CLIENT, 'the-handle')).rejects.toMatchObject({
        code: 'access_denied',
        status: 403,
        description: 'The user has a second factor already',
      });
    });

    it('passes every other failure on', async () => {
      notEnrolled = new Error('the database is unavailable');
      await expect(logins.enrol(CLIENT, 'the-handle')).rejects.toBe(notEnrolled);
    });
  });
});
