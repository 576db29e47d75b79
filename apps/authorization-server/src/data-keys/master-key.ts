import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Injects the master key that is being replaced, or `null`. */
export const PREVIOUS_MASTER_KEY = Symbol('PreviousMasterKey');

/** A wrapped key that this master key did not wrap, or that was altered. */
export class UnwrapError extends Error {
  override readonly name = 'UnwrapError';
}

/**
 * The key that wraps all data keys. It is never used directly: each use has its own key, derived by HKDF-SHA-256
 * (RFC 5869).
 */
export class MasterKey {
  readonly #wrappingKey: Buffer;
  readonly #root: Buffer;

  /** @param bytes 32 random bytes */
  constructor(bytes: Buffer) {
    this.#root = bytes;
    this.#wrappingKey = this.derive('latchkey data key wrapping');
  }

  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#root, Buffer.alloc(0), purpose, 32));
  }

  /** AES-256-GCM: nonce, ciphertext, tag. `context` must be the same at {@link unwrap}. */
  wrap(plaintext: Buffer, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#wrappingKey, nonce).setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws UnwrapError */
  unwrap(wrapped: Buffer, context: string): Buffer {
    if (wrapped.length < NONCE_BYTES + TAG_BYTES) throw new UnwrapError('The wrapped key is cut short');
    const nonce = wrapped.subarray(0, NONCE_BYTES);
    const tag = wrapped.subarray(-TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#wrappingKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new UnwrapError('The wrapped key does not belong to this master key', { cause: error });
    }
  }

  /** Stored beside the data keys to recognise this master key; tells nothing about it. */
  get checkValue(): string {
    return this.derive('latchkey master key check').toString('base64url');
  }

  recognises(checkValue: string): boolean {
    const own = Buffer.from(this.checkValue);
    const other = Buffer.from(checkValue);
    return own.length === other.length && timingSafeEqual(own, other);
  }
}
