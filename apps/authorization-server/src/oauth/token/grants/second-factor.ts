import type { MfaGrantType } from '@latchkey/contracts';
import type { PasskeyEntity } from '../../../second-factors/passkey.entity.js';
import type { SecondFactors } from '../../../second-factors/second-factors.service.js';
import type { RefusalReason } from '../../../users/user-authenticator.js';
import { OAuthError } from '../../common/oauth-error.js';

/** What a user shows beside the password, in the words of `mfa_requirements`. */
export const FACTOR_NAMES = ['otp', 'passkey', 'recovery-code'] as const;

export type Factor = (typeof FACTOR_NAMES)[number];

/** How the second step of a login with a password shows a factor: the grant, Auth0's name for it if it has one, and the parameter. */
export const FACTORS = {
  otp: {
    grantType: 'urn:latchkey:grant-type:mfa-otp',
    alias: 'http://auth0.com/oauth/grant-type/mfa-otp',
    parameter: 'otp',
  },
  passkey: {
    grantType: 'urn:latchkey:grant-type:mfa-passkey',
    alias: undefined,
    parameter: 'credential',
  },
  'recovery-code': {
    grantType: 'urn:latchkey:grant-type:mfa-recovery-code',
    alias: 'http://auth0.com/oauth/grant-type/mfa-recovery-code',
    parameter: 'recovery_code',
  },
} as const satisfies Record<
  Factor,
  { grantType: MfaGrantType; alias: string | undefined; parameter: string }
>;

/** RFC 8176 section 2. It has no name for recovery codes, which are passwords that are used once. */
export const AMR_OF_CODES: readonly string[] = ['pwd', 'otp', 'mfa'];

/**
 * Of a login with a passkey. One that may be copied to other devices is a key of software, whatever the device; of one that
 * may not, the authenticator says that it stays in its hardware.
 */
export function amrOf({ backupEligible }: PasskeyEntity): readonly string[] {
  return ['pwd', backupEligible ? 'swk' : 'hwk', 'user', 'mfa'];
}

/** What was stored so far is undone. */
export class WrongProofError extends Error {
  override readonly name = 'WrongProofError';

  constructor(readonly reason: RefusalReason) {
    super(reason);
  }
}

/** Another request ended the attempt meanwhile: what this one has stored is undone. */
export class AttemptOverError extends Error {
  override readonly name = 'AttemptOverError';
}

/** Auth0's form, for which there are clients. */
export function mfaRequired(handle: string, factors: readonly Factor[]): OAuthError {
  return new OAuthError('mfa_required', 403, 'A second factor is required', {
    members: {
      mfa_token: handle,
      mfa_requirements:
        factors.length > 0 ? { challenge: factors.map((type) => ({ type })) } : { enroll: [{ type: 'otp' }] },
    },
  });
}

/** What a user can show. Without any factor there is nothing to recover either. */
export function factorsOf({ factors, passkeys }: SecondFactors): Factor[] {
  const has: Partial<Record<Factor, boolean>> = {
    otp: factors.some(({ confirmedAt }) => confirmedAt !== null),
    passkey: passkeys.length > 0,
  };
  const own = FACTOR_NAMES.filter((name) => has[name] === true);
  return own.length > 0 ? [...own, 'recovery-code'] : [];
}
