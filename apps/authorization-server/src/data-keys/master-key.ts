import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { seal, unseal } from './sealing.js';

/** Injects the master key that is being replaced, or `null`. */
export const PREVIOUS_MASTER_KEY = Symbol('PreviousMasterKey');

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

  /** See {@link seal}. */
  wrap(plaintext: Buffer, context: string): Buffer {
    return seal(this.#wrappingKey, plaintext, context);
  }

  /** @throws UnsealError for a wrapped key that this master key did not wrap, or that was altered */
  unwrap(wrapped: Buffer, context: string): Buffer {
    return unseal(this.#wrappingKey, wrapped, context);
  }

  /** Stored beside the data keys to recognise this master key; reveals nothing about it. */
  get checkValue(): string {
    return this.derive('latchkey master key check').toString('base64url');
  }

  recognises(checkValue: string): boolean {
    const own = Buffer.from(this.checkValue);
    const other = Buffer.from(checkValue);
    return own.length === other.length && timingSafeEqual(own, other);
  }
}
