/**
 * Decodes UTF-8 strictly: other bytes would be replaced and stored differently (RFC 8259 section 8.1). A byte-order
 * mark at the beginning, as Windows editors write it, is removed.
 *
 * @returns `null` when the bytes are not UTF-8
 */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Why {@link decodeText} refuses bytes, as a text that follows the name of their file. */
export const NOT_UTF8 =
  'is not UTF-8 text (UTF-16, as Windows PowerShell writes it with ">", must be converted first)';
