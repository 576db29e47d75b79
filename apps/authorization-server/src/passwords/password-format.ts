/** Longest password, in bytes of UTF-8 after normalisation. */
export const MAX_PASSWORD_BYTES = 1024;

/**
 * The form in which a password is hashed: Unicode NFC (NIST SP 800-63B-4 section 3.1.1.2), otherwise unchanged: never
 * trimmed, folded or cut.
 *
 * @returns `null` when it is too long or not well-formed, so that it cannot be a password
 */
export function normalizePassword(password: string): string | null {
  // A byte is composed of at most 1.5 characters (as in U+01D5). Normalising many marks takes quadratic time.
  if (password.length > MAX_PASSWORD_BYTES * 2) return null;
  // An unpaired surrogate has no UTF-8 bytes: all of them would be hashed as the same replacement character.
  if (/\p{Surrogate}/u.test(password)) return null;
  const normalized = password.normalize('NFC');
  return Buffer.byteLength(normalized) <= MAX_PASSWORD_BYTES ? normalized : null;
}
