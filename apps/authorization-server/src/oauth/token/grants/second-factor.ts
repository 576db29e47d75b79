import type { MfaGrantType } from '@latchkey/contracts';
import type { PasskeyEntity } from '../../../second-factors/passkey.entity.js';
import type { SecondFactors } from '../../../second-factors/second-factors.service.js';
import { ACR_PHISHING_RESISTANT, type Acr } from '../../../tokens/authentication-context.js';
import type { RefusalReason } from '../../../users/user-authenticator.js';
import { OAuthError } from '../../common/oauth-error.js';

/** What a user shows beside the password, in the words of `mfa_requirements`. */
export const FACTOR_NAMES = ['otp', 'passkey', 'email', 'recovery-code'] as const;

export type Factor = (typeof FACTOR_NAMES)[number];

/** How the second step of a login with a password shows a factor: the grant, Auth0's name for it if it has one, and the parameters. */
export const FACTORS = {
  otp: {
    grantType: 'urn:latchkey:grant-type:mfa-otp',
    alias: 'http://auth0.com/oauth/grant-type/mfa-otp',
    parameters: ['otp'],
  },
  passkey: {
    grantType: 'urn:latchkey:grant-type:mfa-passkey',
    alias: undefined,
    parameters: ['credential'],
  },
  email: {
    grantType: 'urn:latchkey:grant-type:mfa-oob',
    alias: 'http://auth0.com/oauth/grant-type/mfa-oob',
    parameters: ['oob_code', 'binding_code'],
  },
  'recovery-code': {
    grantType: 'urn:latchkey:grant-type:mfa-recovery-code',
    alias: 'http://auth0.com/oauth/grant-type/mfa-recovery-code',
    parameters: ['recovery_code'],
  },
} as const satisfies Record<
  Factor,
  { grantType: MfaGrantType; alias: string | undefined; parameters: readonly [string, ...string[]] }
>;

/** RFC 8176 section 2. It has no name for recovery codes, and none for codes by e-mail: both are passwords that are used once. */
export const AMR_OF_CODES: readonly string[] = ['pwd', 'otp', 'mfa'];

/**
 * Of a login with a passkey. One that may be copied to other devices is a key of software, whatever the device; of one that
 * may not, the authenticator says that it stays in its hardware.
 */
export function amrOf({ backupEligible }: PasskeyEntity): readonly string[] {
  return ['pwd', backupEligible ? 'swk' : 'hwk', 'user', 'mfa'];
}

/** @param acr what a login has to satisfy; `null`: any second factor will do */
export function satisfies(factor: Factor, acr: Acr | null): boolean {
  return acr !== ACR_PHISHING_RESISTANT || factor === 'passkey';
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

/** A factor that a user can show, as `mfa_requirements` lists it. */
export interface Challenge {
  readonly type: Factor;
  /** Of `email`: which address, for the request of a code, and the address with most of it left out. */
  readonly authenticator_id?: string;
  readonly sent_to?: string;
}

/** Auth0's form, for which there are clients. */
export function mfaRequired(handle: string, challenges: readonly Challenge[]): OAuthError {
  return new OAuthError('mfa_required', 403, 'A second factor is required', {
    members: {
      mfa_token: handle,
      mfa_requirements: challenges.length > 0 ? { challenge: challenges } : { enroll: [{ type: 'otp' }] },
    },
  });
}

/**
 * What a user can show. Without any factor there is nothing to recover either.
 *
 * @param emailIsOn whether codes can be sent
 */
export function challengesOf({ factors, passkeys }: SecondFactors, emailIsOn: boolean): Challenge[] {
  const confirmed = factors.filter(({ confirmedAt }) => confirmedAt !== null);
  if (confirmed.length + passkeys.length === 0) return [];
  const hasTotp = confirmed.some(({ type }) => type === 'totp');
  return [
    ...(hasTotp ? [{ type: 'otp' as const }] : []),
    ...(passkeys.length > 0 ? [{ type: 'passkey' as const }] : []),
    ...confirmed.flatMap(({ id, address }) =>
      emailIsOn && address !== null
        ? [{ type: 'email' as const, authenticator_id: id, sent_to: address }]
        : [],
    ),
    { type: 'recovery-code' },
  ];
}
