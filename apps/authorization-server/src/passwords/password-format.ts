/** Longest password, in bytes of UTF-8 after normalisation. */
export const MAX_PASSWORD_BYTES = 1024;

/** Shortest new password, in characters; one that exists may be shorter. */
export const MIN_PASSWORD_LENGTH = 8;

/**
 * The form in which a password is hashed: Unicode NFC (NIST SP 800-63B-4 section 3.1.1.2), otherwise untouched: never
 * trimmed, folded or cut.
 *
 * @returns `null` when it is too long to be anyone's password
 */
export function normalizePassword(password: string): string | null {
  // Characters compose three to one at most, so this keeps a huge input away from the normalisation.
  if (password.length > MAX_PASSWORD_BYTES * 4) return null;
  const normalized = password.normalize('NFC');
  return Buffer.byteLength(normalized) <= MAX_PASSWORD_BYTES ? normalized : null;
}

/** A PHC string of argon2id: the only hash that is stored in this release. */
export function isSupportedPasswordHash(hash: string): boolean {
  return /^\$argon2id\$v=19\$m=\d{1,8},t=\d{1,4},p=\d{1,3}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,171}$/.test(
    hash,
  );
}
