import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { StorageUnavailableError } from '@latchkey/platform/database';
import type { Client } from '../../../clients/client.js';
import type { SecondFactorRule } from '../../../fields/second-factor-rule.js';
import {
  ACR_MFA,
  ACR_PASSWORD,
  ACR_PHISHING_RESISTANT,
  type Acr,
} from '../../../tokens/authentication-context.js';
import type { User } from '../../../users/user.js';
import { someFactors } from './waiting-login.spec-support.js';
import { FACTOR_RESERVATION, SecondFactorLoginSetup } from './second-factor-login.spec-support.js';
import {
  aClient,
  aRequest,
  aUser,
  CONTEXT,
  ORDERS,
  RESERVATION,
  STOCK,
  TOKENS,
} from './token-request.spec-support.js';

const LOGIN = {
  clientKey: 1,
  clientEpoch: 3,
  userKey: 2,
  userEpoch: 5,
  scope: ScopeSet.parse('read write'),
  audience: [ORDERS, STOCK],
  amr: ['pwd'],
  address: '203.0.113.7',
  seed: null,
  lifetime: 300,
};

describe('SecondFactorLogin', () => {
  let setup: SecondFactorLoginSetup;

  beforeEach(() => {
    setup = new SecondFactorLoginSetup();
  });

  describe('attainable', () => {
    const attainable = (acrs: Acr[]) => setup.login.attainable(acrs, setup.user, RESERVATION);

    it.each<[Acr[], boolean, Acr | null]>([
      [[], false, null],
      [[ACR_PASSWORD, ACR_MFA], false, ACR_PASSWORD],
      [[ACR_MFA, ACR_PASSWORD], false, ACR_MFA],
      [[ACR_PHISHING_RESISTANT, ACR_MFA], false, ACR_MFA],
      [[ACR_PHISHING_RESISTANT, ACR_MFA], true, ACR_PHISHING_RESISTANT],
    ])('of %j, where the user has a passkey: %j, is %j', async (acrs, passkey, expected) => {
      setup.enrolled = someFactors({ totp: true, passkey });
      expect(await attainable(acrs)).toBe(expected);
      expect(setup.events).toEqual([]);
    });

    it('is nothing without a passkey where only that is accepted, and gives the place of the password back', async () => {
      await expect(attainable([ACR_PHISHING_RESISTANT])).rejects.toMatchObject({
        code: 'unmet_authentication_requirements',
        detail: 'the user has no passkey',
      });
      expect(setup.events).toEqual([['pass', RESERVATION]]);
    });
  });

  describe('isNeeded', () => {
    const OFF: SecondFactorRule = { secondFactor: 'off', secondFactorFrom: null };
    const REQUIRED: SecondFactorRule = { secondFactor: 'required', secondFactorFrom: null };
    const isNeeded = (client: Partial<Client>, user: Partial<User>, acr: Acr | null = null) =>
      setup.login.isNeeded(aClient(client), aUser(user), acr, RESERVATION);

    it.each<[boolean, string, Partial<Client>, Partial<User>]>([
      [true, 'without a rule, for a user who has one', {}, { hasSecondFactor: true }],
      [false, 'without a rule, for a user who has none', {}, {}],
      [true, 'where the client requires it', REQUIRED, {}],
      [true, 'where the user must have it', OFF, REQUIRED],
      [false, 'where it is off', OFF, { hasSecondFactor: true }],
      [true, 'from a day that has come', { ...REQUIRED, secondFactorFrom: '2000-01-01' }, {}],
      [false, 'from a day that has not', { ...REQUIRED, secondFactorFrom: '9999-01-01' }, {}],
    ])('is %j %s', async (expected, _, client, user) => {
      expect(await isNeeded(client, user)).toBe(expected);
    });

    it('is true where a group of the user requires it', async () => {
      setup.groupRules = [OFF, REQUIRED];
      expect(await isNeeded({}, { groups: ['staff'] })).toBe(true);
      expect(await isNeeded({}, { groups: [] })).toBe(false);
    });

    it.each<[boolean, Acr]>([
      [true, ACR_MFA],
      [true, ACR_PHISHING_RESISTANT],
      [false, ACR_PASSWORD],
    ])('is %j where the client asks for %s and the rules are off', async (expected, acr) => {
      expect(await isNeeded(OFF, {}, acr)).toBe(expected);
    });
  });

  describe('after the right password, releases the place', () => {
    const STAFF = aUser({ groups: ['staff'] });
    const begin = () => setup.login.begin(aRequest('username=alice'), setup.user, LOGIN, null, RESERVATION);

    it.each<[string, () => Promise<unknown>]>([
      ['passkeys', () => setup.login.attainable([ACR_PHISHING_RESISTANT], setup.user, RESERVATION)],
      ['rules of groups', () => setup.login.isNeeded(aClient(), STAFF, null, RESERVATION)],
      ['factors', begin],
    ])('where the %s cannot be read, unless that cannot be stored either', async (_, step) => {
      setup.notRead = new Error('no such column');
      await expect(step()).rejects.toBe(setup.notRead);
      expect(setup.events).toEqual([['release', RESERVATION]]);
      setup.notRead = new StorageUnavailableError('');
      await expect(step()).rejects.toBe(setup.notRead);
      expect(setup.events).toEqual([['release', RESERVATION]]);
    });

    it('where the attempt cannot be stored', async () => {
      setup.notStored = new Error('no such column');
      await expect(begin()).rejects.toBe(setup.notStored);
      expect(setup.events).toEqual([['release', RESERVATION]]);
    });
  });

  describe('begin', () => {
    const ASKED = [['write', 'passed', 'attempt'], ['asked']];
    const request = (form = '') => aRequest(`username=alice${form}`);
    const begin = (form = '', acr: Acr | null = null) =>
      setup.login.begin(request(form), setup.user, LOGIN, acr, RESERVATION);
    const required = (requirements: object) => ({
      code: 'mfa_required',
      status: 403,
      members: { mfa_token: 'the-handle', mfa_requirements: requirements },
    });

    it('stores the attempt together with the right password, and then asks for a factor', async () => {
      const challenge = [{ type: 'otp' }, { type: 'recovery-code' }];
      await expect(begin('', ACR_MFA)).rejects.toMatchObject(required({ challenge }));
      expect(setup.events).toEqual(ASKED);
      expect(setup.begun).toEqual([
        {
          clientKey: 1,
          clientEpoch: 3,
          userKey: 2,
          userEpoch: 5,
          scope: 'read write',
          audience: `${ORDERS} ${STOCK}`,
          address: '203.0.113.7',
          acr: ACR_MFA,
        },
      ]);
    });

    it('asks a user who has none to enrol one', async () => {
      setup.user = aUser();
      setup.enrolled = someFactors({});
      await expect(begin()).rejects.toMatchObject(required({ enroll: [{ type: 'otp' }] }));
      expect(setup.events).toEqual(ASKED);
    });

    it('asks only for what satisfies acr_values, also beside a code', async () => {
      setup.enrolled = someFactors({ totp: true, passkey: true });
      const onlyPasskey = required({ challenge: [{ type: 'passkey' }] });
      await expect(begin('&totp=123456', ACR_PHISHING_RESISTANT)).rejects.toMatchObject(onlyPasskey);
      expect(setup.events).toEqual(ASKED);
    });

    it('ignores the code of a user who has no factor to check it with', async () => {
      setup.user = aUser();
      setup.enrolled = someFactors({});
      await expect(begin('&totp=123456')).rejects.toMatchObject({ code: 'mfa_required' });
      expect(setup.events).toEqual(ASKED);
    });

    it('refuses where the factors were reset since the password was checked', async () => {
      setup.enrolled = someFactors({});
      await expect(begin()).rejects.toMatchObject({
        code: 'temporarily_unavailable',
        detail: 'the second factors were reset meanwhile',
      });
      expect(setup.events).toEqual([['pass', RESERVATION]]);
      expect(setup.begun).toEqual([]);
    });

    describe('with a code', () => {
      const SOURCE = {
        address: null,
        device: null,
        flow: { client: 'client shop', source: CONTEXT.address },
      };

      it('records the right password, then takes a place for the code, and spends it with the login', async () => {
        const withCode = request('&totp=123456');
        const answer = await setup.login.begin(withCode, setup.user, LOGIN, null, RESERVATION);
        expect(answer).toBe(TOKENS);
        expect(setup.events).toEqual([
          ['pass', RESERVATION],
          ['reserve', 'alice', SOURCE, 'otp'],
          ['spend', 'totp', setup.user.key, '123456'],
          ['success', { user: setup.user, reservation: FACTOR_RESERVATION }],
          ['issue', 'the-sid', setup.user],
        ]);
        expect(setup.authorizations).toEqual([{ ...LOGIN, amr: ['pwd', 'otp', 'mfa'] }]);
        expect([...withCode.headers]).toEqual([['Latchkey-Device', 'a device value']]);
      });

      it('counts a wrong one, and then waits', async () => {
        setup.proofIsRight = false;
        await expect(begin('&totp=123456')).rejects.toMatchObject({
          code: 'invalid_grant',
          description: 'The code is wrong',
          detail: 'wrong code',
        });
        const failure = {
          user: null,
          reason: 'wrong code',
          subject: 'the-sub',
          reservation: FACTOR_RESERVATION,
        };
        expect(setup.events.slice(3)).toEqual([
          ['failure', 'shop', failure, CONTEXT.address],
          ['delay', CONTEXT.arrivedAt],
        ]);
        expect(setup.authorizations).toEqual([]);
      });

      it('does not check it after many failures, and answers as for a wrong one', async () => {
        setup.place = 'too many attempts';
        await expect(begin('&totp=123456')).rejects.toMatchObject({
          code: 'invalid_grant',
          description: 'The code is wrong',
          detail: 'too many attempts',
        });
        const failure = { user: null, reason: 'too many attempts', subject: 'the-sub', reservation: null };
        expect(setup.events.slice(2)).toEqual([
          ['failure', 'shop', failure, CONTEXT.address],
          ['delay', CONTEXT.arrivedAt],
        ]);
      });
    });
  });
});
