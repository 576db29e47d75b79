import { idFromBytes, idToBytes } from '../database/ids.js';

/** A position in a list that is ordered by name. */
export function encodeNameCursor(name: string): string {
  return Buffer.from(name).toString('base64url');
}

/** @returns `null` for text that {@link encodeNameCursor} did not make */
export function decodeNameCursor(cursor: string): string | null {
  const name = Buffer.from(cursor, 'base64url').toString();
  return name !== '' && !name.includes('\0') && encodeNameCursor(name) === cursor ? name : null;
}

/** A position in a list: the id of the last item, encoded so that clients do not construct cursors themselves. */
export function encodeCursor(id: string): string {
  return idToBytes(id).toString('base64url');
}

/** @returns `null` for text that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): string | null {
  try {
    const id = idFromBytes(Buffer.from(cursor, 'base64url'));
    return encodeCursor(id) === cursor ? id : null;
  } catch {
    return null;
  }
}
