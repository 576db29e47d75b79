import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KID_BYTES } from '../data-keys/data-key.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { decodeBase64url } from '@latchkey/contracts';
import { packClaims, unpackClaims } from './packed-claims.js';

export const OPAQUE_PREFIX = 'lka_';

const SALT_BYTES = 24;
const TAG_BYTES = 16;
const HEADER_BYTES = KID_BYTES + SALT_BYTES;

const INFO = 'latchkey opaque access token';
const FIRST_BLOCK = Buffer.of(1);

/**
 * Opaque access tokens, whose content their holder cannot read. The claims are sealed with AES-256-GCM, each token
 * under a key of its own, derived from the data key and a random salt, so that any number of tokens never repeats a
 * nonce under one key.
 *
 * `lka_` base64url(kid, salt, ciphertext, tag)
 */
@Injectable()
export class OpaqueAccessTokens {
  constructor(private readonly keys: DataKeysService) {}

  seal(claims: AccessTokenClaims): string {
    const { kid, material } = this.keys.ring.active('sealing');
    const kidBytes = Buffer.from(kid, 'base64url');
    const salt = randomBytes(SALT_BYTES);
    const { key, nonce } = subkey(material, salt);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(kidBytes));
    const ciphertext = Buffer.concat([cipher.update(packClaims(claims)), cipher.final()]);
    return (
      OPAQUE_PREFIX + Buffer.concat([kidBytes, salt, ciphertext, cipher.getAuthTag()]).toString('base64url')
    );
  }

  /** @returns `null` for anything that we did not seal */
  open(token: string): AccessTokenClaims | null {
    const bytes = token.startsWith(OPAQUE_PREFIX) ? decodeBase64url(token.slice(OPAQUE_PREFIX.length)) : null;
    if (bytes === null || bytes.length < HEADER_BYTES + TAG_BYTES) return null;
    const kidBytes = bytes.subarray(0, KID_BYTES);
    const dataKey = this.keys.ring.find('sealing', kidBytes.toString('base64url'));
    if (dataKey === null) return null;
    const { key, nonce } = subkey(dataKey.material, bytes.subarray(KID_BYTES, HEADER_BYTES));
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(kidBytes)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const claims = Buffer.concat([
        decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return unpackClaims(claims.toString());
    } catch {
      return null;
    }
  }
}

function associatedData(kid: Buffer): Buffer {
  return Buffer.concat([Buffer.from(OPAQUE_PREFIX), kid]);
}

/**
 * HKDF-Expand with SHA-512 (RFC 5869 section 2.3), of which one block is enough. A data key is already random, so the
 * extract step is not needed (section 3.3).
 */
function subkey(material: Buffer, salt: Buffer): { key: Buffer; nonce: Buffer } {
  const bytes = createHmac('sha512', material).update(INFO).update(salt).update(FIRST_BLOCK).digest();
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32, 44) };
}
