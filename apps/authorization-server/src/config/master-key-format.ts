const KEY_BYTES = 32;

/** Reads 32 bytes from base64, base64url or hex. `null` for anything else, and for bytes that are all the same. */
export function parseMasterKey(text: string): Buffer | null {
  const bytes = decode(text.trim());
  if (bytes?.length !== KEY_BYTES) return null;
  return new Set(bytes).size > 1 ? bytes : null;
}

function decode(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  if (/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64url');
  return null;
}
