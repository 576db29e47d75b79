/**
 * Decodes UTF-8 strictly: bytes that are not UTF-8 would be stored changed (RFC 8259 section 8.1). A byte-order mark at
 * the beginning, which editors on Windows write, is not part of the text.
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

/** What is wrong with bytes that {@link decodeText} refuses, to be put behind the name of their file. */
export const NOT_UTF8 =
  'is not UTF-8 text (UTF-16, as Windows PowerShell writes it with ">", must be converted first)';
