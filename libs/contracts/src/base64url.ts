/**
 * Decodes canonical base64url without padding. Node's decoder skips what it does not know and ignores stray bits, so
 * that many texts would stand for one token.
 *
 * @returns `null` for anything else
 */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
