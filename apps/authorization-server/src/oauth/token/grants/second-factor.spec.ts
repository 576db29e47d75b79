import { describe, expect, it } from '@jest/globals';
import {
  ACR_MFA,
  ACR_PASSWORD,
  ACR_PHISHING_RESISTANT,
  acrOf,
  type Acr,
} from '../../../tokens/authentication-context.js';
import { aPasskey, someFactors } from './waiting-login.spec-support.js';
import {
  AMR_OF_CODES,
  amrOf,
  assertSatisfies,
  challengesOf,
  FACTOR_NAMES,
  mfaRequired,
  satisfies,
} from './second-factor.js';

const OTP = { type: 'otp' };
const PASSKEY = { type: 'passkey' };
const EMAIL = { type: 'email', authenticator_id: 'an-email', sent_to: 'a***@example.com' };
const RECOVERY_CODE = { type: 'recovery-code' };

describe('amr', () => {
  it('of a code is that of a second factor', () => {
    expect(AMR_OF_CODES).toEqual(['pwd', 'otp', 'mfa']);
    expect(acrOf(AMR_OF_CODES)).toBe(ACR_MFA);
  });

  it.each([
    [true, 'swk'],
    [false, 'hwk'],
  ])('of a passkey that may be copied (%j) names the key %s', (backupEligible, key) => {
    const amr = amrOf(aPasskey({ backupEligible }));
    expect(amr).toEqual(['pwd', key, 'user', 'mfa']);
    expect(acrOf(amr)).toBe(ACR_PHISHING_RESISTANT);
  });
});

describe('satisfies', () => {
  it.each<Acr | null>([null, ACR_PASSWORD, ACR_MFA])('%j: every factor does', (acr) => {
    for (const factor of FACTOR_NAMES) {
      expect(satisfies(factor, acr)).toBe(true);
      expect(() => assertSatisfies(factor, acr)).not.toThrow();
    }
  });

  it('resistance to phishing: only a passkey does', () => {
    expect(FACTOR_NAMES.filter((factor) => satisfies(factor, ACR_PHISHING_RESISTANT))).toEqual(['passkey']);
    expect(() => assertSatisfies('passkey', ACR_PHISHING_RESISTANT)).not.toThrow();
    expect(() => assertSatisfies('otp', ACR_PHISHING_RESISTANT)).toThrow(
      expect.objectContaining({
        code: 'unmet_authentication_requirements',
        detail: `the client asked for ${ACR_PHISHING_RESISTANT}`,
      }),
    );
  });
});

describe('challengesOf', () => {
  const ON = { passkey: true, email: true };

  it.each<[string, Parameters<typeof someFactors>, object[]]>([
    ['nothing', [{}], []],
    ['only what was never confirmed', [{ totp: true, email: true }, false], []],
    ['an authenticator application', [{ totp: true }], [OTP, RECOVERY_CODE]],
    ['a passkey', [{ passkey: true }], [PASSKEY, RECOVERY_CODE]],
    [
      'an authenticator application and a passkey',
      [{ totp: true, passkey: true }],
      [OTP, PASSKEY, RECOVERY_CODE],
    ],
    [
      'a passkey, and what was never confirmed',
      [{ totp: true, email: true, passkey: true }, false],
      [PASSKEY, RECOVERY_CODE],
    ],
    ['an address', [{ email: true }], [EMAIL, RECOVERY_CODE]],
    ['everything', [{ totp: true, email: true, passkey: true }], [OTP, PASSKEY, EMAIL, RECOVERY_CODE]],
  ])('of a user who has %s', (_, factors, expected) => {
    expect(challengesOf(someFactors(...factors), ON)).toEqual(expected);
  });

  it.each(['passkey', 'email'] as const)('leaves out %s where this server does not take it', (type) => {
    const isOn = { ...ON, [type]: false };
    const left = { passkey: [OTP, EMAIL, RECOVERY_CODE], email: [OTP, PASSKEY, RECOVERY_CODE] }[type];
    expect(challengesOf(someFactors({ totp: true, email: true, passkey: true }), isOn)).toEqual(left);
    expect(challengesOf(someFactors({ [type]: true }), isOn)).toEqual([RECOVERY_CODE]);
  });
});

describe('mfaRequired', () => {
  it.each([
    [[{ type: 'otp' as const }], { challenge: [OTP] }],
    [[], { enroll: [OTP] }],
  ])('with the challenges %j', (challenges, requirements) => {
    expect(mfaRequired('the-handle', challenges)).toMatchObject({
      code: 'mfa_required',
      status: 403,
      description: 'A second factor is required',
      members: { mfa_token: 'the-handle', mfa_requirements: requirements },
    });
  });
});
