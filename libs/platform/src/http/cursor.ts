import { idFromBytes, idToBytes } from '../database/ids.js';

/** A position in a list: the id of the last item, opaque to clients so that they do not build their own. */
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
