import { parse, stringify, v7 } from 'uuid';

/**
 * Identifiers are version 7 UUIDs (RFC 9562): ordered by creation, so that inserts touch the end of an index and a
 * list has a stable order. They are stored as 16 bytes and travel as text. None of them is a secret.
 */
export function newId(): string {
  return v7();
}

/** @throws TypeError when the text is not a UUID */
export function idToBytes(id: string): Buffer {
  return Buffer.from(parse(id));
}

export function idFromBytes(bytes: Uint8Array): string {
  return stringify(bytes);
}

/** For TypeORM columns that hold an id. */
export const idTransformer = {
  to: (id: unknown): unknown => (typeof id === 'string' ? idToBytes(id) : id),
  from: (bytes: Buffer | null): string | null => bytes && idFromBytes(bytes),
};
