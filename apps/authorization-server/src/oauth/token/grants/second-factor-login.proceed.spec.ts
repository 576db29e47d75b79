import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { StorageUnavailableError } from '@latchkey/platform/database';
import { STATE } from '../../../authorizations/a-state.spec-support.js';
import type { Authorization, AuthorizationState } from '../../../authorizations/authorization.js';
import type { Client } from '../../../clients/client.js';
import type { WaitingLoginEntity } from '../../../waiting-logins/waiting-login.entity.js';
import { ANSWER_AGAIN_MS, type FoundWaitingLogin } from '../../../waiting-logins/waiting-login-repository.js';
import { ACR_PHISHING_RESISTANT } from '../../../tokens/authentication-context.js';
import { aFound, NOW } from './waiting-login.spec-support.js';
import { digestOf, FACTOR_RESERVATION, SecondFactorLoginSetup } from './second-factor-login.spec-support.js';
import {
  aClient,
  aRequest,
  aUser,
  CONTEXT,
  ORDERS,
  SEED,
  SOURCE,
  STOCK,
  TOKENS,
} from './token-request.spec-support.js';

const FORM = 'mfa_token=the-handle&otp=123456';
const DIGEST = digestOf('otp 123456');

describe('SecondFactorLogin.proceed', () => {
  let setup: SecondFactorLoginSetup;

  const names = () => setup.events.map(([name]) => name);
  const proceed = (form = FORM, client?: Client) => setup.login.proceed(aRequest(form, client), 'otp');

  beforeEach(() => {
    setup = new SecondFactorLoginSetup();
  });

  it('takes a place, ends the attempt, spends the code, stores the login, and only then issues tokens', async () => {
    const request = aRequest(FORM);
    expect(await setup.login.proceed(request, 'otp')).toBe(TOKENS);
    const audit = { actor: 'the-sub', requestId: 'r', address: CONTEXT.address };
    expect(setup.events).toEqual([
      ['reserve', 'alice', SOURCE, 'otp'],
      ['end', 'the-attempt', 'the-sid', DIGEST],
      ['spend', 'totp or first', 'the-sub', '123456', audit],
      ['success', { user: setup.user, reservation: FACTOR_RESERVATION }],
      ['issue', 'the-sid', setup.user],
    ]);
    expect([...request.headers]).toEqual([['Latchkey-Device', 'a device value']]);
  });

  it('stores what the password was checked for, with the epochs and the address of that time', async () => {
    setup.found = aFound({ scope: 'write', audience: STOCK, clientEpoch: 2, userEpoch: 4 });
    await proceed();
    expect(setup.authorizations).toEqual([
      {
        clientKey: 1,
        clientEpoch: 2,
        userKey: 2,
        userEpoch: 4,
        scope: ScopeSet.parse('write'),
        audience: [STOCK],
        amr: ['pwd', 'otp', 'mfa'],
        address: '203.0.113.7',
        seed: SEED,
        lifetime: 3600,
      },
    ]);
  });

  it('recognises a proof of two parts by both', async () => {
    await setup.login.proceed(aRequest('mfa_token=the-handle&oob_code=x&binding_code=y'), 'email');
    expect(setup.events.slice(1, 3)).toEqual([
      ['end', 'the-attempt', 'the-sid', digestOf('email x y')],
      ['spend', 'email', 'the-attempt', 'x', 'y'],
    ]);
  });

  it('stores only what client and user may still have', async () => {
    const client = aClient({ scope: ScopeSet.parse('read account'), audience: [ORDERS] });
    await proceed(FORM, client);
    setup.user = aUser({ allowedScope: ScopeSet.parse('write') });
    await proceed();
    expect(setup.authorizations.map(({ scope, audience }) => [scope.toString(), audience])).toEqual([
      ['read', [ORDERS]],
      ['write', [ORDERS, STOCK]],
    ]);
  });

  describe('refuses before a place is taken', () => {
    it.each<[string, () => void, object]>([
      ['an unknown handle', () => (setup.found = null), { detail: 'unknown, altered, or of another client' }],
      [
        'an attempt that has expired',
        () => (setup.found = aFound({ expiresAt: NOW })),
        { detail: 'expired' },
      ],
      [
        'an attempt of a user who was disabled',
        () => (setup.found = aFound({}, { liveSub: null })),
        { detail: 'user or client is disabled or deleted, or their logins were ended' },
      ],
      [
        'a user who may have none of the scope any longer',
        () => (setup.user = aUser({ allowedScope: ScopeSet.parse('x') })),
        { detail: 'nothing of what was asked for is allowed any longer' },
      ],
    ])('%s', async (_, arrange, error) => {
      arrange();
      await expect(proceed()).rejects.toMatchObject({ code: 'invalid_grant', status: 400, ...error });
      expect(setup.events).toEqual([]);
    });

    it.each(['mfa_token=the-handle', 'otp=123456'])('the parameters %j alone', async (form) => {
      await expect(proceed(form)).rejects.toMatchObject({ code: 'invalid_request' });
      expect(setup.events).toEqual([]);
    });

    it('a client that has lost the audience', async () => {
      await expect(proceed(FORM, aClient({ audience: ['x'] }))).rejects.toMatchObject({
        code: 'invalid_grant',
        detail: 'nothing of what was asked for is allowed any longer',
      });
      expect(setup.events).toEqual([]);
    });

    it('a factor that does not satisfy acr_values', async () => {
      setup.found = aFound({ acr: ACR_PHISHING_RESISTANT });
      await expect(proceed()).rejects.toMatchObject({ code: 'unmet_authentication_requirements' });
      expect(setup.events).toEqual([]);
    });
  });

  it.each<['otp' | 'passkey', string, string, string]>([
    ['otp', FORM, 'wrong code', 'The code is wrong'],
    ['passkey', 'mfa_token=the-handle&credential=x', 'passkey refused', 'The passkey is refused'],
  ])(
    'counts a refused %s with the address that it came from, and then waits',
    async (factor, form, reason, description) => {
      setup.proofIsRight = false;
      const refused = setup.login.proceed(aRequest(form), factor);
      await expect(refused).rejects.toMatchObject({ code: 'invalid_grant', description, detail: reason });
      const failure = { user: null, reason, subject: 'the-sub', reservation: FACTOR_RESERVATION };
      expect(setup.events[0]).toEqual(['reserve', 'alice', SOURCE, factor]);
      expect(setup.events.slice(-2)).toEqual([
        ['failure', 'shop', failure, CONTEXT.address],
        ['delay', CONTEXT.arrivedAt],
      ]);
      expect(names()).not.toContain('release');
    },
  );

  it('neither ends the attempt nor checks the proof where there is no place', async () => {
    setup.place = 'too many accounts';
    await expect(proceed()).rejects.toMatchObject({ code: 'invalid_grant', detail: 'too many accounts' });
    expect(names()).toEqual(['reserve', 'failure', 'delay']);
  });

  it('releases the place where the login cannot be stored, unless that cannot be stored either', async () => {
    setup.notStored = new Error('the number of logins is limited');
    await expect(proceed()).rejects.toBe(setup.notStored);
    expect(names()).toEqual(['reserve', 'end', 'spend', 'release']);
    expect(setup.events.at(-1)).toEqual(['release', FACTOR_RESERVATION]);
    setup.events.length = 0;
    setup.notStored = new StorageUnavailableError('');
    await expect(proceed()).rejects.toBe(setup.notStored);
    expect(names()).toEqual(['reserve', 'end', 'spend']);
  });

  describe('when the attempt is completed', () => {
    const completed = (changes: Partial<WaitingLoginEntity> = {}, now = NOW) =>
      aFound({ sid: 'the-sid', answeredBy: DIGEST, answeredAt: NOW, ...changes }, { now });
    const withState = (changes: Partial<Authorization>, others: Partial<AuthorizationState> = {}) =>
      ({ ...STATE, ...others, authorization: { ...STATE.authorization, ...changes } }) as AuthorizationState;

    it.each([0, ANSWER_AGAIN_MS, -ANSWER_AGAIN_MS])(
      'gives the same request its tokens again, %i ms later, and counts nothing',
      async (later) => {
        setup.found = completed({}, NOW + later);
        const request = aRequest(FORM);
        expect(await setup.login.proceed(request, 'otp')).toBe(TOKENS);
        expect(setup.events).toEqual([['issue', STATE.authorization.id, STATE.owner]]);
        const device = `a device value of ${STATE.owner.username}`;
        expect([...request.headers]).toEqual([['Latchkey-Device', device]]);
      },
    );

    it.each<[string, () => void, string]>([
      ['another proof', () => (setup.found = completed({ answeredBy: digestOf('otp 654321') })), 'spent'],
      [
        'a proof of which no digest is stored',
        () => (setup.found = completed({ answeredBy: null })),
        'spent',
      ],
      ['a proof of which no time is stored', () => (setup.found = completed({ answeredAt: null })), 'spent'],
      [
        'the same proof too late',
        () => (setup.found = completed({}, NOW + ANSWER_AGAIN_MS + 1)),
        'spent, and long ago',
      ],
      [
        'the same proof after the clock was set back',
        () => (setup.found = completed({}, NOW - ANSWER_AGAIN_MS - 1)),
        'spent, and long ago',
      ],
    ])('refuses %s', async (_, arrange, detail) => {
      arrange();
      await expect(proceed()).rejects.toMatchObject({ code: 'invalid_grant', detail });
      expect(setup.events).toEqual([]);
    });

    it.each<[string, AuthorizationState | null]>([
      ['is not found', null],
      ['was revoked', withState({ revokedAt: NOW })],
      ['was refreshed', withState({ generation: 1 })],
      ['has no owner', withState({ userKey: null }, { owner: null })],
    ])('refuses the same proof when the login %s', async (_, state) => {
      setup.found = completed();
      setup.stored = state;
      await expect(proceed()).rejects.toMatchObject({
        code: 'invalid_grant',
        detail: 'the login that it began is over, or was refreshed',
      });
      expect(setup.events).toEqual([]);
    });

    it('meanwhile, releases the place and answers as the request that completed it', async () => {
      setup.raced = completed();
      expect(await proceed()).toBe(TOKENS);
      expect(names()).toEqual(['reserve', 'end', 'release', 'issue']);
      expect(setup.authorizations).toEqual([]);
    });

    it.each<[string, FoundWaitingLogin]>([
      ['completed by another proof', completed({ answeredBy: digestOf('otp 654321') })],
      ['ended with its user', aFound({}, { liveSub: null })],
    ])('refuses an attempt that is %s meanwhile', async (_, raced) => {
      setup.raced = raced;
      await expect(proceed()).rejects.toMatchObject({ code: 'invalid_grant', detail: 'spent' });
      expect(names()).toEqual(['reserve', 'end', 'release']);
    });
  });
});
