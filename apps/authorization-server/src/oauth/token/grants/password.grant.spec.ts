import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import { HashQueueFullError } from '../../../passwords/hash-queue.js';
import { ACR_MFA } from '../../../tokens/authentication-context.js';
import type { AuthenticationFailure } from '../../../users/user-authenticator.js';
import type { User } from '../../../users/user.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { RequestContext } from '../../common/request-context.js';
import { MFA_REQUIRED, PasswordGrantSetup } from './password.grant.spec-support.js';
import {
  aClient,
  aRequest,
  aUser,
  CONTEXT,
  ORDERS,
  RESERVATION,
  SEED,
  SOURCE,
  STOCK,
  TOKENS,
} from './token-request.spec-support.js';

const LOGIN = 'username=alice&password=secret';

describe('PasswordGrant', () => {
  let setup: PasswordGrantSetup;

  const names = () => setup.events.map(([name]) => name);
  const login = (form = LOGIN, client?: Client, context?: Partial<RequestContext>) =>
    setup.grant.handle(aRequest(form, client, context));

  beforeEach(() => {
    setup = new PasswordGrantSetup();
  });

  it('is for clients that are registered for it', () => {
    expect(setup.grant).toMatchObject({ grantType: 'password', registeredAs: 'password' });
  });

  it('checks the room, the password and the rules, stores the login, and only then issues tokens', async () => {
    const request = aRequest(LOGIN);
    expect(await setup.grant.handle(request)).toBe(TOKENS);
    expect(setup.events).toEqual([
      ['room', 'alice', SOURCE],
      ['authenticate', 'alice', 'secret', SOURCE],
      ['attainable', null, setup.user, RESERVATION],
      ['needed', 'shop', setup.user, null, RESERVATION],
      ['success', 'shop', { user: setup.user, reservation: RESERVATION }, CONTEXT],
      ['issue', 'the-sid', setup.user],
    ]);
    expect([...request.headers]).toEqual([['Latchkey-Device', 'a device value']]);
    expect(setup.authorizations).toEqual([
      {
        clientKey: 1,
        clientEpoch: 3,
        userKey: 2,
        userEpoch: 5,
        scope: ScopeSet.parse('read write'),
        audience: [ORDERS, STOCK],
        amr: ['pwd'],
        address: CONTEXT.address,
        seed: SEED,
        lifetime: 3600,
      },
    ]);
  });

  it('checks the password in the form in which it is hashed', async () => {
    await login('username=alice&password=A%CC%8A');
    expect(setup.events[1]).toEqual(['authenticate', 'alice', '\u00c5', SOURCE]);
  });

  it('records the address that a trusted client forwards, for a login and for a failure', async () => {
    const trusted = aClient({ forwardsEndUserAddress: true });
    const forwarded = { forwardedFor: '203.0.113.7' };
    await login(LOGIN, trusted, forwarded);
    expect(setup.authorizations[0]?.address).toBe('203.0.113.7');
    setup.refused = {};
    await expect(login(LOGIN, trusted, forwarded)).rejects.toThrow(OAuthError);
    expect(setup.events.find(([name]) => name === 'failure')?.[4]).toBe('203.0.113.7');
  });

  describe('refuses before any work', () => {
    it.each<[string, string, Partial<Client>, object]>([
      [
        'a public client',
        '',
        { clientType: 'public' },
        { code: 'unauthorized_client', description: 'The client may not use this grant type' },
      ],
      ['a missing user name', 'password=secret', {}, { code: 'invalid_request' }],
      ['a missing password', 'username=alice', {}, { code: 'invalid_request' }],
      [
        'a password that cannot be one',
        `username=alice&password=${'x'.repeat(1025)}`,
        {},
        { code: 'invalid_request', description: 'The password is too long or malformed' },
      ],
      ['a scope that the client may not have', `${LOGIN}&scope=other`, {}, { code: 'invalid_scope' }],
      [
        'an administrative scope',
        `${LOGIN}&scope=admin:users`,
        { scope: ScopeSet.parse('admin:users') },
        { code: 'invalid_scope' },
      ],
      ['a resource that the client may not have', `${LOGIN}&resource=x`, {}, { code: 'invalid_target' }],
      [
        'values of acr_values that are unknown',
        `${LOGIN}&acr_values=x`,
        {},
        { code: 'unmet_authentication_requirements' },
      ],
    ])('%s', async (_, form, client, error) => {
      await expect(login(form, aClient(client))).rejects.toMatchObject(error);
      expect(setup.events).toEqual([]);
    });

    it('a forwarded text that is no address', async () => {
      const trusted = aClient({ forwardsEndUserAddress: true });
      await expect(login(LOGIN, trusted, { forwardedFor: 'x' })).rejects.toMatchObject({
        code: 'invalid_request',
      });
      expect(setup.events).toEqual([]);
    });

    describe('after the last day', () => {
      beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2027-06-30T23:59:59.999Z') }));
      afterEach(() => void jest.useRealTimers());

      it.each([
        ['2027-06-29', 'unauthorized_client'],
        ['2027-06-30', null],
        ['2027-07-01', null],
      ])('of the client, %s', async (passwordGrantUntil, code) => {
        const answer = login(LOGIN, aClient({ passwordGrantUntil }));
        if (code === null) expect(await answer).toBe(TOKENS);
        else {
          const description = 'The client may no longer use this grant type';
          await expect(answer).rejects.toMatchObject({ code, description });
          expect(setup.events).toEqual([]);
        }
      });
    });
  });

  describe('where the password is not checked', () => {
    const full = new HashQueueFullError('full');

    it('neither reads the account nor waits when the queue has no room', async () => {
      setup.room = full;
      await expect(login()).rejects.toBe(full);
      expect(setup.events).toEqual([
        ['room', 'alice', SOURCE],
        ['not evaluated', full],
      ]);
    });

    it('waits as for a wrong password when the queue was full after the account was read', async () => {
      setup.refused = full;
      await expect(login()).rejects.toBe(full);
      expect(setup.events.slice(2)).toEqual([
        ['delay', CONTEXT.arrivedAt],
        ['not evaluated', full],
      ]);
    });

    it('passes every other failure on without a delay', async () => {
      setup.refused = new Error('the database is unavailable');
      await expect(login()).rejects.toBe(setup.refused);
      expect(setup.events.slice(2)).toEqual([['not evaluated', setup.refused]]);
    });
  });

  it.each<[AuthenticationFailure['reason'], typeof RESERVATION | null]>([
    ['wrong password', RESERVATION],
    ['unknown user', RESERVATION],
    ['disabled user', RESERVATION],
    ['too many attempts', null],
  ])('counts a refusal (%s) and then waits, whatever the reason', async (reason, reservation) => {
    setup.refused = { reason, reservation };
    await expect(login()).rejects.toMatchObject({ code: 'invalid_grant', status: 400, detail: reason });
    const failure = { user: null, reason, subject: setup.user.sub, reservation };
    expect(setup.events.slice(2)).toEqual([
      ['failure', 'shop', failure, CONTEXT, CONTEXT.address],
      ['delay', CONTEXT.arrivedAt],
    ]);
  });

  describe('limits the scope', () => {
    it.each<[string, string, Partial<User>, string]>([
      ['to what the user may have', 'read write', { allowedScope: ScopeSet.parse('write x') }, 'write'],
      [
        'to the self-service while the password must be changed',
        'read account',
        { passwordChangeRequired: true },
        'account',
      ],
      ['to nothing else', 'read account', {}, 'read account'],
    ])('%s', async (_, scope, limits, granted) => {
      setup.user = aUser(limits);
      await login(`${LOGIN}&scope=${scope}`);
      expect(setup.authorizations.map((authorization) => authorization.scope.toString())).toEqual([granted]);
    });

    it.each<[string, Partial<User>]>([
      ['the user may have none of it', { allowedScope: ScopeSet.parse('x') }],
      ['the password must be changed first', { passwordChangeRequired: true }],
    ])('and gives the place of the right password back where %s', async (_, limits) => {
      setup.user = aUser(limits);
      await expect(login()).rejects.toMatchObject({
        code: 'invalid_scope',
        description: 'Nothing of the scope is allowed for the resource owner',
      });
      expect(setup.events.slice(2)).toEqual([['pass', RESERVATION]]);
    });
  });

  it('grants only the resources that are asked for', async () => {
    await login(`${LOGIN}&resource=${STOCK}`);
    expect(setup.authorizations[0]?.audience).toEqual([STOCK]);
  });

  it('hands the login with its place to the second factor where one is needed', async () => {
    setup.needsFactor = true;
    const request = aRequest(`${LOGIN}&acr_values=${ACR_MFA}`);
    await expect(setup.grant.handle(request)).rejects.toBe(MFA_REQUIRED);
    expect(setup.events.slice(2)).toEqual([
      ['attainable', ACR_MFA, setup.user, RESERVATION],
      ['needed', 'shop', setup.user, ACR_MFA, RESERVATION],
      ['begin', setup.user, expect.objectContaining({ amr: ['pwd'], userEpoch: 5 }), ACR_MFA, RESERVATION],
    ]);
    expect(request.headers.size).toBe(0);
  });

  it('stores nothing where the user cannot satisfy acr_values', async () => {
    setup.unmet = OAuthError.unmetAuthenticationRequirements();
    await expect(login()).rejects.toBe(setup.unmet);
    expect(names()).toEqual(['room', 'authenticate', 'attainable']);
  });

  it('gives out nothing for a login that is not stored', async () => {
    setup.notStored = new Error('the database is unavailable');
    const request = aRequest(LOGIN);
    await expect(setup.grant.handle(request)).rejects.toBe(setup.notStored);
    expect(names()).not.toContain('issue');
    expect(request.headers.size).toBe(0);
  });
});
