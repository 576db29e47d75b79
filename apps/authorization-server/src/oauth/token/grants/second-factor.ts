import { OAuthError } from '../../common/oauth-error.js';

/** What a user shows beside the password, in the words of `mfa_requirements`. */
export type Factor = 'otp' | 'recovery-code';

export const PARAMETERS: Readonly<Record<Factor, string>> = { otp: 'otp', 'recovery-code': 'recovery_code' };

/** RFC 8176 section 2. It has no name for recovery codes, which are passwords that are used once. */
export const AMR: Readonly<Record<Factor, readonly string[]>> = {
  otp: ['pwd', 'otp', 'mfa'],
  'recovery-code': ['pwd', 'otp', 'mfa'],
};

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
        ? { challenge: [{ type: 'otp' }, { type: 'recovery-code' }] }
        : { enroll: [{ type: 'otp' }] },
    },
  });
}
