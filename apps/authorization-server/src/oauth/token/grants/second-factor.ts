import type { MfaGrantType } from '@latchkey/contracts';
import { OAuthError } from '../../common/oauth-error.js';

/** What a user shows beside the password, in the words of `mfa_requirements`. */
export const FACTOR_NAMES = ['otp', 'recovery-code'] as const;

export type Factor = (typeof FACTOR_NAMES)[number];

/** How the second step of a login with a password shows a factor: the grant, Auth0's name for it, and the parameter. */
export const FACTORS = {
  otp: {
    grantType: 'urn:latchkey:grant-type:mfa-otp',
    alias: 'http://auth0.com/oauth/grant-type/mfa-otp',
    parameter: 'otp',
  },
  'recovery-code': {
    grantType: 'urn:latchkey:grant-type:mfa-recovery-code',
    alias: 'http://auth0.com/oauth/grant-type/mfa-recovery-code',
    parameter: 'recovery_code',
  },
} as const satisfies Record<Factor, { grantType: MfaGrantType; alias: string; parameter: string }>;

/** RFC 8176 section 2. It has no name for recovery codes, which are passwords that are used once. */
export const AMR: readonly string[] = ['pwd', 'otp', 'mfa'];

/** What was stored so far is undone. */
export class WrongCodeError extends Error {
  override readonly name = 'WrongCodeError';
}

/** Another request ended the attempt meanwhile: what this one has stored is undone. */
export class AttemptOverError extends Error {
  override readonly name = 'AttemptOverError';
}

/** Auth0's form, for which there are clients. */
export function mfaRequired(handle: string, hasFactor: boolean): OAuthError {
  return new OAuthError('mfa_required', 403, 'A second factor is required', {
    members: {
      mfa_token: handle,
      mfa_requirements: hasFactor
        ? { challenge: FACTOR_NAMES.map((type) => ({ type })) }
        : { enroll: [{ type: 'otp' }] },
    },
  });
}
