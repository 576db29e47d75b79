import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 4226 section 4, R6 recommends 160 bits. */
const SECRET_BYTES = 20;

/** What authenticator applications implement (RFC 6238 sections 1.2 and 4.1), whatever an otpauth URI contains. */
const ALGORITHM = 'SHA1';
const DIGITS = 6;
const PERIOD_SECONDS = 30;

/** Steps around the current one in which a code is valid, for clocks and slow typing (RFC 6238 section 5.2). */
const WINDOW = 1;

/** ASCII digits only, because other systems encode other digits differently. */
const CODE = /^[0-9]{6}$/;

/** For secrets of other systems: shorter ones can be guessed, and longer texts are no secrets. */
const IMPORTED_BYTES = { min: 10, max: 64 };

const BASE32 = /^[a-z2-7]+=*$/i;

export const TOTP_SECRET_RULE =
  'must be 80 to 512 bits in base32, or an otpauth URI with SHA1, 6 digits and 30 seconds';

/**
 * Parses a secret of another system: base32 with optional spaces and hyphens, or an otpauth URI.
 *
 * @returns `null` for other texts, and for secrets with another algorithm, code length or period
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

/** The secret for typing, in base32 without padding. */
export function totpSecretText(secret: Buffer): string {
  return secretOf(secret).base32;
}

/** @param issuer names this installation in the application @param account names the user there */
export function otpauthUri(secret: Buffer, issuer: string, account: string): string {
  return totpOf(secret, { issuer, label: account }).toString();
}

/**
 * The time step of a code. A code may be used only once, so a later one has to belong to a later step (RFC 6238 section
 * 5.2).
 *
 * @param now milliseconds since the epoch
 * @returns `null` for a wrong code, and for any text that is no code
 */
export function totpStepOf(code: string, secret: Buffer, now: number): number | null {
  if (!CODE.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? null : stepAt(now) + delta;
}

/** The last step whose code is valid at a time. @param now milliseconds since the epoch */
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
