/**
 * Decodes canonical base64url without padding. Node's decoder skips unknown characters and ignores unused bits, so that
 * many texts would represent one token.
 *
 * @returns `null` for any other text
 */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
