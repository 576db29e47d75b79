import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 4226 section 4, R6: 160 bits are recommended. */
const SECRET_BYTES = 20;

/** What authenticator applications do (RFC 6238 sections 1.2 and 4.1), whatever an otpauth URI says. */
const ALGORITHM = 'SHA1';
const DIGITS = 6;
const PERIOD_SECONDS = 30;

/** Steps before and after the present one in which a code is still good: for clocks that differ, and slow typists (RFC 6238 section 5.2). */
const WINDOW = 1;

/** Digits of ASCII only: other digits have other bytes in other systems. */
const CODE = /^[0-9]{6}$/;

export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The secret as people type it, in base32 without padding. */
export function totpSecretText(secret: Buffer): string {
  return secretOf(secret).base32;
}

/** @param issuer names this installation in the authenticator application @param account names the user there */
export function otpauthUri(secret: Buffer, issuer: string, account: string): string {
  return totpOf(secret, { issuer, label: account }).toString();
}

/**
 * The time step that a code belongs to; a code may be used once, so a later one has to belong to a later step
 * (RFC 6238 section 5.2).
 *
 * @param now milliseconds since the epoch
 * @returns `null` for a wrong code, and for any text that is no code
 */
export function totpStepOf(code: string, secret: Buffer, now: number): number | null {
  if (!CODE.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? null : stepAt(now) + delta;
}

/** The last step whose code is good at a time. @param now milliseconds since the epoch */
export function latestTotpStep(now: number): number {
  return stepAt(now) + WINDOW;
}

function stepAt(now: number): number {
  return Math.floor(now / 1000 / PERIOD_SECONDS);
}

function totpOf(secret: Buffer, names: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({
    ...names,
    secret: secretOf(secret),
    algorithm: ALGORITHM,
    digits: DIGITS,
    period: PERIOD_SECONDS,
  });
}

function secretOf(bytes: Buffer): Secret {
  return new Secret({ buffer: new Uint8Array(bytes).buffer });
}
