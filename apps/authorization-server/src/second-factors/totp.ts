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

/** Of secrets that other systems have made: shorter ones can be guessed, and longer ones are none. */
const IMPORTED_BYTES = { min: 10, max: 64 };

const BASE32 = /^[a-z2-7]+=*$/i;

export const TOTP_SECRET_RULE =
  'must be 80 to 512 bits in base32, or an otpauth URI with SHA1, 6 digits and 30 seconds';

/**
 * Reads a secret of another system: base32 as people write it, with spaces and hyphens, or an otpauth URI.
 *
 * @returns `null` for what is none, and for one of another algorithm, length of codes or period
 */
export function parseTotpSecret(text: string): Buffer | null {
  const base32 = /^otpauth:/i.test(text) ? secretOfUri(text) : text.replaceAll(/[ -]/g, '');
  if (base32 === null || !BASE32.test(base32)) return null;
  const { bytes } = Secret.fromBase32(base32);
  const isFit = bytes.length >= IMPORTED_BYTES.min && bytes.length <= IMPORTED_BYTES.max;
  return isFit ? Buffer.from(bytes) : null;
}

function secretOfUri(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { host, searchParams } = new URL(text);
  const isDefault = (name: string, value: string) =>
    (searchParams.get(name) ?? value).toUpperCase() === value;
  const isKnown =
    host === 'totp' &&
    isDefault('algorithm', ALGORITHM) &&
    isDefault('digits', String(DIGITS)) &&
    isDefault('period', String(PERIOD_SECONDS));
  return isKnown ? searchParams.get('secret') : null;
}

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
