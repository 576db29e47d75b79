/** The `grant_type` values of Latchkey (RFC 6749 sections 4.3.2, 4.4.2 and 6). */
export const GRANT_TYPES = ['password', 'refresh_token', 'client_credentials'] as const;

/** The second steps of a login with a password, for clients that may use `password`. */
export const MFA_GRANT_TYPES = [
  'urn:latchkey:grant-type:mfa-otp',
  'urn:latchkey:grant-type:mfa-passkey',
  'urn:latchkey:grant-type:mfa-oob',
  'urn:latchkey:grant-type:mfa-recovery-code',
] as const;

export type GrantType = (typeof GRANT_TYPES)[number];

export type MfaGrantType = (typeof MFA_GRANT_TYPES)[number];
