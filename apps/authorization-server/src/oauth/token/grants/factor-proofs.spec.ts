import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Database, Transaction } from '@latchkey/platform/database';
import type { WaitingLoginRepository } from '../../../waiting-logins/waiting-login-repository.js';
import type { EmailFactorsService } from '../../../second-factors/email-factors.service.js';
import type { AssertedPasskey, PasskeysService } from '../../../second-factors/passkeys.service.js';
import type { RecoveryCodesService } from '../../../second-factors/recovery-codes.service.js';
import type { SecondFactors, SecondFactorsService } from '../../../second-factors/second-factors.service.js';
import { ACR_MFA, ACR_PHISHING_RESISTANT, type Acr } from '../../../tokens/authentication-context.js';
import type { User } from '../../../users/user.js';
import { FactorProofs } from './factor-proofs.js';
import { aFound, aPasskey, NOW, someFactors } from './waiting-login.spec-support.js';
import { WrongProofError, type Factor } from './second-factor.js';
import { aUser } from './token-request.spec-support.js';

const USER = aUser();
const DATABASE = {} as Database;
const TX = {} as Transaction;
const AUDIT = { actor: 'the-sub', requestId: 'r', address: '192.0.2.1' };
const CHALLENGE = Buffer.from('a challenge');

describe('FactorProofs', () => {
  let enrolled: SecondFactors;
  let isOn: { email: boolean; passkey: boolean };
  let codeIsRight: boolean;
  let asserted: AssertedPasskey | null;
  let outcome: Awaited<ReturnType<PasskeysService['spend']>>;
  let events: unknown[][];
  let proofs: FactorProofs;

  const check = (factor: Factor, texts: string[], attempt = {}) =>
    proofs.check(factor, texts, USER, aFound(attempt), AUDIT);

  beforeEach(() => {
    [enrolled, codeIsRight, events] = [someFactors({ totp: true }), true, []];
    isOn = { email: true, passkey: true };
    asserted = { passkey: aPasskey(), signCount: 1, backedUp: false };
    outcome = 'spent';
    const spend = (name: string, ...parameters: unknown[]) => {
      events.push([name, ...parameters]);
      return Promise.resolve(codeIsRight);
    };
    proofs = new FactorProofs(
      DATABASE,
      {
        dropChallenge: (id: string, challenge: Buffer) =>
          Promise.resolve(void events.push(['drop', id, challenge])),
      } as WaitingLoginRepository,
      {
        list: (reader: unknown, key: number) => {
          if (reader !== DATABASE || key !== USER.key) throw new Error('of another user');
          return Promise.resolve(enrolled);
        },
        spendOrConfirmTotp: (...parameters: unknown[]) => spend('otp', ...parameters),
      } as unknown as SecondFactorsService,
      {
        get isOn() {
          return isOn.passkey;
        },
        verify: ({ sub }: User, ...parameters: unknown[]) => {
          events.push(['verify', sub, ...parameters]);
          return Promise.resolve(asserted);
        },
        spend: (...parameters: unknown[]) => {
          events.push(['passkey', ...parameters]);
          return Promise.resolve(outcome);
        },
      } as unknown as PasskeysService,
      {
        get isOn() {
          return isOn.email;
        },
        spend: (...parameters: unknown[]) => spend('email', ...parameters),
      } as unknown as EmailFactorsService,
      {
        spend: (...parameters: unknown[]) => spend('recovery-code', ...parameters),
      } as unknown as RecoveryCodesService,
    );
  });

  describe('challenges', () => {
    it.each<[Acr | null, Partial<typeof isOn>, string[]]>([
      [null, {}, ['otp', 'passkey', 'email', 'recovery-code']],
      [ACR_MFA, {}, ['otp', 'passkey', 'email', 'recovery-code']],
      [ACR_MFA, { email: false }, ['otp', 'passkey', 'recovery-code']],
      [ACR_MFA, { passkey: false }, ['otp', 'email', 'recovery-code']],
      [ACR_PHISHING_RESISTANT, {}, ['passkey']],
      [ACR_PHISHING_RESISTANT, { passkey: false }, []],
    ])('for %j, where %j', async (acr, off, types) => {
      enrolled = someFactors({ totp: true, email: true, passkey: true });
      isOn = { ...isOn, ...off };
      expect((await proofs.challenges(USER, acr)).map(({ type }) => type)).toEqual(types);
    });
  });

  describe.each<[Factor, string[], unknown[]]>([
    ['otp', ['123456'], [TX, USER, '123456', AUDIT]],
    ['recovery-code', ['abcd'], [TX, USER, 'abcd', AUDIT]],
    ['email', ['the-handle', '654321'], [TX, USER, 'the-attempt', 'the-handle', '654321']],
  ])('a code for %s', (factor, texts, expected) => {
    it('is spent in the transaction of the login, not before', async () => {
      const { amr, spend } = await check(factor, texts);
      expect(amr).toEqual(['pwd', 'otp', 'mfa']);
      expect(events).toEqual([]);
      await spend(TX, 'the-sid');
      expect(events).toEqual([[factor, ...expected]]);
    });

    it('ends the transaction when it is wrong', async () => {
      codeIsRight = false;
      const { spend } = await check(factor, texts);
      await expect(spend(TX, 'the-sid')).rejects.toEqual(new WrongProofError('wrong code'));
    });
  });

  describe('a passkey', () => {
    const OPEN = { challenge: CHALLENGE, challengeExpiresAt: NOW + 1 };
    const REFUSED = new WrongProofError('passkey refused');
    const DROPPED = ['drop', 'the-attempt', CHALLENGE];

    it.each([
      [false, 'hwk'],
      [true, 'swk'],
    ])(
      'is verified before the transaction and spent in it, copied to other devices: %j',
      async (copied, key) => {
        const passkey = aPasskey({ backupEligible: copied });
        asserted = { passkey, signCount: 1, backedUp: false };
        const { amr, spend } = await check('passkey', ['{"id":"x"}'], OPEN);
        expect(amr).toEqual(['pwd', key, 'user', 'mfa']);
        expect(events).toEqual([['verify', USER.sub, CHALLENGE, { id: 'x' }]]);
        await spend(TX, 'the-sid');
        expect(events.slice(1)).toEqual([['passkey', TX, asserted]]);
      },
    );

    it('that is refused spends its challenge', async () => {
      asserted = null;
      await expect(check('passkey', ['{}'], OPEN)).rejects.toEqual(REFUSED);
      expect(events).toEqual([['verify', USER.sub, CHALLENGE, {}], DROPPED]);
    });

    it('that is no JSON is verified like any other text', async () => {
      asserted = null;
      await expect(check('passkey', ['{'], OPEN)).rejects.toEqual(REFUSED);
      expect(events).toEqual([['verify', USER.sub, CHALLENGE, null], DROPPED]);
    });

    it('is not verified without a challenge', async () => {
      await expect(check('passkey', ['{}'])).rejects.toEqual(REFUSED);
      expect(events).toEqual([]);
    });

    it.each([NOW, null])(
      'is not verified when its challenge ended at %j, and spends it',
      async (challengeExpiresAt) => {
        await expect(check('passkey', ['{}'], { ...OPEN, challengeExpiresAt })).rejects.toEqual(REFUSED);
        expect(events).toEqual([DROPPED]);
      },
    );

    it.each(['passkey counter went back', 'passkey refused'] as const)(
      'ends the transaction when the %s',
      async (reason) => {
        outcome = reason;
        const { spend } = await check('passkey', ['{}'], OPEN);
        await expect(spend(TX, 'the-sid')).rejects.toEqual(new WrongProofError(reason));
      },
    );
  });
});
