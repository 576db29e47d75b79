import type { MfaGrantType } from '@latchkey/contracts';
import type { PasskeyEntity } from '../../../second-factors/passkey.entity.js';
import type { SecondFactors } from '../../../second-factors/second-factors.service.js';
import { ACR_PHISHING_RESISTANT, type Acr } from '../../../tokens/authentication-context.js';
import type { RefusalReason } from '../../../users/user-authenticator.js';
import { OAuthError } from '../../common/oauth-error.js';

/** The second factors, under their names in `mfa_requirements`. */
export const FACTOR_NAMES = ['otp', 'passkey', 'email', 'recovery-code'] as const;

export type Factor = (typeof FACTOR_NAMES)[number];

/** For each factor: the grant of the second step, Auth0's name for the grant if it has one, and the parameters. */
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

/** RFC 8176 section 2. It has no value for recovery codes or codes by e-mail; both are one-time passwords. */
export const AMR_OF_CODES: readonly string[] = ['pwd', 'otp', 'mfa'];

/**
 * For a login with a passkey. A passkey that may be copied to other devices counts as a software key, whatever the
 * device. For any other passkey the authenticator states that it stays in its hardware.
 */
export function amrOf({ backupEligible }: PasskeyEntity): readonly string[] {
  return ['pwd', backupEligible ? 'swk' : 'hwk', 'user', 'mfa'];
}

/** @param acr what a login has to satisfy; `null`: any second factor */
export function satisfies(factor: Factor, acr: Acr | null): boolean {
  return acr !== ACR_PHISHING_RESISTANT || factor === 'passkey';
}

/** @throws OAuthError unmet_authentication_requirements when the factor does not satisfy what the login requires */
export function assertSatisfies(factor: Factor, acr: Acr | null): void {
  if (satisfies(factor, acr)) return;
  throw OAuthError.unmetAuthenticationRequirements(`the client asked for ${acr}`);
}

/** The second factor is wrong. The transaction is rolled back. */
export class WrongProofError extends Error {
  override readonly name = 'WrongProofError';

  constructor(readonly reason: RefusalReason) {
    super(reason);
  }
}

/** Another request completed the attempt meanwhile. The transaction is rolled back. */
export class AttemptOverError extends Error {
  override readonly name = 'AttemptOverError';
}

/** A factor that a user can present, as `mfa_requirements` lists it. */
export interface Challenge {
  readonly type: Factor;
  /** For `email`: the id of the address, to request a code, and the masked address. */
  readonly authenticator_id?: string;
  readonly sent_to?: string;
}

/** The error in Auth0's form, which existing clients support. */
export function mfaRequired(handle: string, challenges: readonly Challenge[]): OAuthError {
  return new OAuthError('mfa_required', 403, 'A second factor is required', {
    members: {
      mfa_token: handle,
      mfa_requirements: challenges.length > 0 ? { challenge: challenges } : { enroll: [{ type: 'otp' }] },
    },
  });
}

/**
 * The factors that a user can present. Recovery codes are offered only beside another factor.
 *
 * @param isOn whether this server takes passkeys, and whether it can send codes
 */
export function challengesOf(
  { factors, passkeys }: SecondFactors,
  isOn: Readonly<Record<'passkey' | 'email', boolean>>,
): Challenge[] {
  const confirmed = factors.filter(({ confirmedAt }) => confirmedAt !== null);
  if (confirmed.length + passkeys.length === 0) return [];
  const hasTotp = confirmed.some(({ type }) => type === 'totp');
  return [
    ...(hasTotp ? [{ type: 'otp' as const }] : []),
    ...(isOn.passkey && passkeys.length > 0 ? [{ type: 'passkey' as const }] : []),
    ...confirmed.flatMap(({ id, address }) =>
      isOn.email && address !== null
        ? [{ type: 'email' as const, authenticator_id: id, sent_to: address }]
        : [],
    ),
    { type: 'recovery-code' },
  ];
}
