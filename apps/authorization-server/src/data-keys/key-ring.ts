import type { SigningAlgorithm } from '@latchkey/contracts';
import { StorageUnavailableError } from '@latchkey/platform/database';
import type { DataKey, DataKeyPurpose, SigningKey } from './data-key.js';
import { SIGNING_PURPOSES, signingAlgorithmOf, toSigningKey } from './data-key.js';

/** The unwrapped data keys without revoked ones. Immutable, and replaced as a whole. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, DataKey>;
  readonly #signingKeys: ReadonlyMap<string, SigningKey>;
  readonly #active: ReadonlyMap<DataKeyPurpose, DataKey>;

  /**
   * @param previous whose signing keys are reused: parsing an RSA key takes a millisecond, and retired ones add up over
   *   the years
   */
  constructor(stored: readonly DataKey[], previous: KeyRing | null = null) {
    const keys = stored.filter(({ state }) => state !== 'revoked');
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
    this.#signingKeys = new Map(
      keys
        .filter(({ purpose }) => signingAlgorithmOf(purpose) !== null)
        .map((key) => [
          key.kid,
          { ...(previous?.findSigningKey(key.kid) ?? toSigningKey(key)), state: key.state },
        ]),
    );
    this.#active = new Map(keys.filter(({ state }) => state === 'active').map((key) => [key.purpose, key]));
  }

  /** A ring with only these keys. */
  keeping(kids: ReadonlySet<string>): KeyRing {
    const kept = [...this.#keys.values()].filter(({ kid }) => kids.has(kid));
    return kept.length === this.#keys.size ? this : new KeyRing(kept, this);
  }

  /**
   * The key for new tokens.
   *
   * @throws StorageUnavailableError when the current keys were revoked and the new ones could not be loaded yet
   */
  active(purpose: DataKeyPurpose): DataKey {
    const key = this.#active.get(purpose);
    if (key === undefined) throw new StorageUnavailableError(`There is no active ${purpose} key`);
    return key;
  }

  /** @throws as {@link KeyRing.active} */
  activeSigningKey(algorithm: SigningAlgorithm): SigningKey {
    const key = this.#signingKeys.get(this.active(SIGNING_PURPOSES[algorithm]).kid);
    if (key === undefined) throw new StorageUnavailableError(`There is no active ${algorithm} key`);
    return key;
  }

  /** The key of a token: next, active or retired; `null` for a revoked or unknown one. */
  find(purpose: DataKeyPurpose, kid: string): DataKey | null {
    const key = this.#keys.get(kid);
    return key?.purpose === purpose ? key : null;
  }

  findSigningKey(kid: string): SigningKey | null {
    return this.#signingKeys.get(kid) ?? null;
  }

  signingKeys(): SigningKey[] {
    return [...this.#signingKeys.values()];
  }
}
