export type DigestName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** The digests that PBKDF2 is used with. */
export type Pbkdf2Digest = Exclude<DigestName, 'md5'>;

/** A hash that cannot be used; the message says why, as a text that follows its name. */
export class PasswordHashError extends Error {
  override readonly name = 'PasswordHashError';
}

export const CUT_OFF = 'is cut off, or has too much at its end';

const DIGEST_OF_LENGTH: Readonly<Record<number, DigestName>> = {
  16: 'md5',
  20: 'sha1',
  32: 'sha256',
  48: 'sha384',
  64: 'sha512',
};

/** The digest with this length, in bytes or in hex. */
export function digestOfLength({ length }: Buffer): DigestName | undefined {
  return DIGEST_OF_LENGTH[length];
}

export function pbkdf2(hash: Pbkdf2Digest, iterations: number, salt: Buffer, digest: Buffer): string {
  return `$pbkdf2-${hash}$i=${iterations},l=${digest.length}$${plain(salt)}$${plain(digest)}`;
}

export function scrypt(n: number, r: number, p: number, salt: Buffer, digest: Buffer): string {
  if (!Number.isInteger(Math.log2(n))) throw new PasswordHashError('has an N that is no power of 2');
  return `$scrypt$ln=${Math.log2(n)},r=${r},p=${p}$${plain(salt)}$${plain(digest)}`;
}

export function bcrypt(cost: string, salt: string, digest: string): string {
  return `$2b$${cost.padStart(2, '0')}$${salt}${digest}`;
}

/** A digest of a password that was hashed once with a salt. */
export function saltedDigest(digest: Buffer, salt: string | Buffer, at: 'start' | 'end' | 'key'): string {
  const name = digestOfLength(digest);
  if (name === undefined) throw new PasswordHashError(CUT_OFF);
  return `${step(`${name}-hex`, salt, at)}$digest$${digest.toString('hex')}`;
}

export function step(digest: string, salt: string | Buffer, at: 'start' | 'end' | 'key'): string {
  return salt.length === 0
    ? `{${digest}}`
    : `{${digest},salt=${Buffer.from(salt).toString('base64url')},at=${at}}`;
}

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

export function dotted(text: string): Buffer {
  return base64(text.replaceAll('.', '+'));
}

export function urlSafe(text: string): Buffer {
  return base64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

export function plain(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/**
 * RFC 4648 section 4, with or without padding.
 *
 * @throws PasswordHashError for any other text
 */
export function base64(text = ''): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const written = bytes.toString('base64');
  if (text !== written && text !== written.replace(/=+$/, ''))
    throw new PasswordHashError('has malformed base64');
  return bytes;
}
