import { createHmac, timingSafeEqual } from 'node:crypto';
import { idFromBytes, idToBytes } from '@latchkey/platform/database';
import { KID_BYTES } from '../data-keys/data-key.js';
import { decodeBase64url } from '@latchkey/contracts';

/**
 * `lkr_` base64url(version, kid, sid, generation, MAC)
 *
 * The MAC is HMAC-SHA-256 by a data key over everything before it and the authorization's own random seed. Only seed
 * and generation are stored, so neither the database nor the key alone is enough to forge a token. The successor of a
 * token is a pure function, so a retry gets the same one.
 */
export const REFRESH_PREFIX = 'lkr_';

const VERSION = 1;
const ID_BYTES = 16;
const GENERATION_BYTES = 4;
const MAC_BYTES = 32;
const BODY_BYTES = 1 + KID_BYTES + ID_BYTES + GENERATION_BYTES;

/** The readable part of a refresh token, unverified until its MAC is checked. */
interface RefreshTokenBody {
  readonly kid: string;
  readonly sid: string;
  readonly generation: number;
}

interface ParsedRefreshToken extends RefreshTokenBody {
  readonly mac: Buffer;
}

/** @param prefix distinguishes handles of other kinds, which have the same form */
export function formatRefreshToken(
  body: RefreshTokenBody,
  key: Buffer,
  seed: Buffer,
  prefix = REFRESH_PREFIX,
): string {
  const bytes = encode(body);
  return prefix + Buffer.concat([bytes, macOf(bytes, key, seed)]).toString('base64url');
}

/** @returns `null` for anything that does not have the form */
export function parseRefreshToken(token: string, prefix = REFRESH_PREFIX): ParsedRefreshToken | null {
  if (!token.startsWith(prefix)) return null;
  const bytes = decodeBase64url(token.slice(prefix.length));
  if (bytes?.length !== BODY_BYTES + MAC_BYTES || bytes[0] !== VERSION) return null;
  const sidStart = 1 + KID_BYTES;
  const sid = readId(bytes.subarray(sidStart, sidStart + ID_BYTES));
  if (sid === null) return null;
  return {
    kid: bytes.subarray(1, sidStart).toString('base64url'),
    sid,
    generation: bytes.readUInt32BE(sidStart + ID_BYTES),
    mac: bytes.subarray(BODY_BYTES),
  };
}

/** Compares in constant time. */
export function refreshTokenIsAuthentic(token: ParsedRefreshToken, key: Buffer, seed: Buffer): boolean {
  return timingSafeEqual(token.mac, macOf(encode(token), key, seed));
}

/** Not all sixteen bytes form a valid id; an invalid one belongs to no authorization. */
function readId(bytes: Buffer): string | null {
  try {
    return idFromBytes(bytes);
  } catch {
    return null;
  }
}

function encode({ kid, sid, generation }: RefreshTokenBody): Buffer {
  const counter = Buffer.alloc(GENERATION_BYTES);
  counter.writeUInt32BE(generation);
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(kid, 'base64url'), idToBytes(sid), counter]);
}

function macOf(body: Buffer, key: Buffer, seed: Buffer): Buffer {
  return createHmac('sha256', key).update(body).update(seed).digest();
}
