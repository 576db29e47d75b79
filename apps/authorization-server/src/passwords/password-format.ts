/** Longest password, in bytes of UTF-8 after normalisation. */
export const MAX_PASSWORD_BYTES = 1024;

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
