/** Longest password, in bytes of UTF-8 after normalisation. */
export const MAX_PASSWORD_BYTES = 1024;

/** Shortest new password, in characters; one that exists may be shorter. */
export const MIN_PASSWORD_LENGTH = 8;

/**
 * The form in which a password is hashed: Unicode NFC (NIST SP 800-63B-4 section 3.1.1.2), otherwise untouched: never
 * trimmed, folded or cut.
 *
 * @returns `null` when it is too long or not well-formed, and so nobody's password
 */
export function normalizePassword(password: string): string | null {
  // Characters compose three to one at most, so this keeps a huge input away from the normalisation.
  if (password.length > MAX_PASSWORD_BYTES * 4) return null;
  // Half of a surrogate pair has no bytes: all of them would be hashed as the same replacement character.
  if (/\p{Surrogate}/u.test(password)) return null;
  const normalized = password.normalize('NFC');
  return Buffer.byteLength(normalized) <= MAX_PASSWORD_BYTES ? normalized : null;
}

const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,171})$/;

/** Beyond this an imported hash would hold a worker for seconds, or want more memory than there is. */
const MAX_MEMORY_KIB = 1_048_576;
const MAX_ITERATIONS = 100;
const MAX_PARALLELISM = 16;

/** A PHC string of argon2id that can be verified (RFC 9106 section 3.1): the only hash that is stored in this release. */
export function isSupportedPasswordHash(hash: string): boolean {
  const [, m, t, p, salt = '', digest = ''] = ARGON2ID.exec(hash) ?? [];
  const [memory, iterations, parallelism] = [Number(m), Number(t), Number(p)];
  return (
    parallelism >= 1 &&
    parallelism <= MAX_PARALLELISM &&
    memory >= 8 * parallelism &&
    memory <= MAX_MEMORY_KIB &&
    iterations >= 1 &&
    iterations <= MAX_ITERATIONS &&
    isUnpaddedBase64(salt) &&
    isUnpaddedBase64(digest)
  );
}

function isUnpaddedBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === text;
}
