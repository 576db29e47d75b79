import { createHmac, timingSafeEqual } from 'node:crypto';
import { idFromBytes, idToBytes } from '@latchkey/platform/database';
import { KID_BYTES } from '../data-keys/data-key.js';
import { decodeBase64url } from '@latchkey/contracts';

const VERSION = 1;
const ID_BYTES = 16;
const GENERATION_BYTES = 4;
const MAC_BYTES = 32;
const BODY_BYTES = 1 + KID_BYTES + ID_BYTES + GENERATION_BYTES;

/** The readable part of a handle, unverified until its MAC is checked. */
interface HandleBody {
  readonly kid: string;
  readonly id: string;
  readonly generation: number;
}

interface ParsedHandle extends HandleBody {
  readonly mac: Buffer;
}

/**
 * A handle names a row and a generation of it: prefix, base64url(version, kid, id, generation, MAC). The prefix says
 * what the row is. Refresh tokens and `mfa_token`s are handles.
 *
 * The MAC is HMAC-SHA-256 by a data key over everything before it and the row's own random seed. Only seed and
 * generation are stored, so neither the database nor the key alone is enough to forge a handle. A handle is a pure
 * function of its parts, so a retry gets the same one.
 */
export function formatHandle(prefix: string, body: HandleBody, key: Buffer, seed: Buffer): string {
  const bytes = encode(body);
  return prefix + Buffer.concat([bytes, macOf(bytes, key, seed)]).toString('base64url');
}

/** @returns `null` for anything that does not have the form */
export function parseHandle(prefix: string, text: string): ParsedHandle | null {
  if (!text.startsWith(prefix)) return null;
  const bytes = decodeBase64url(text.slice(prefix.length));
  if (bytes?.length !== BODY_BYTES + MAC_BYTES || bytes[0] !== VERSION) return null;
  const idStart = 1 + KID_BYTES;
  const id = readId(bytes.subarray(idStart, idStart + ID_BYTES));
  if (id === null) return null;
  return {
    kid: bytes.subarray(1, idStart).toString('base64url'),
    id,
    generation: bytes.readUInt32BE(idStart + ID_BYTES),
    mac: bytes.subarray(BODY_BYTES),
  };
}

/** Compares in constant time. */
export function handleIsAuthentic(handle: ParsedHandle, key: Buffer, seed: Buffer): boolean {
  return timingSafeEqual(handle.mac, macOf(encode(handle), key, seed));
}

/** Not all sixteen bytes form a valid id; an invalid one belongs to no row. */
function readId(bytes: Buffer): string | null {
  try {
    return idFromBytes(bytes);
  } catch {
    return null;
  }
}

function encode({ kid, id, generation }: HandleBody): Buffer {
  const counter = Buffer.alloc(GENERATION_BYTES);
  counter.writeUInt32BE(generation);
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(kid, 'base64url'), idToBytes(id), counter]);
}

function macOf(body: Buffer, key: Buffer, seed: Buffer): Buffer {
  return createHmac('sha256', key).update(body).update(seed).digest();
}
