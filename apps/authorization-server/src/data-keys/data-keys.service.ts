import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConfigurationError, Database, type Step } from '@latchkey/platform';
import { SettingRepository } from '../database/setting-repository.js';
import {
  DATA_KEY_PURPOSES,
  newDataKey,
  toSigningKey,
  wrappingContext,
  type DataKey,
  type DataKeyPurpose,
  type SigningKey,
} from './data-key.js';
import { DataKeyRepository, type WrappedDataKey } from './data-key-repository.js';
import { MasterKey } from './master-key.js';

const MASTER_KEY_CHECK = 'master_key_check';

/** The installation's data keys, unwrapped in memory. Makes the first ones on an empty database. */
@Injectable()
export class DataKeysService implements OnModuleInit {
  #keys = new Map<string, DataKey>();
  #signingKeys = new Map<string, SigningKey>();

  constructor(
    private readonly database: Database,
    private readonly repository: DataKeyRepository,
    private readonly settings: SettingRepository,
    private readonly masterKey: MasterKey,
  ) {}

  /** @throws ConfigurationError when the database belongs to another master key: it is then left as it is */
  async onModuleInit(): Promise<void> {
    const wrapped = await this.database.write(() => this.#load());
    const keys = wrapped.map((key) => this.#unwrap(key));
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
    this.#signingKeys = new Map(
      keys.filter(({ purpose }) => purpose === 'signing').map((key) => [key.kid, toSigningKey(key)]),
    );
  }

  /** The key that new tokens are made with. */
  active(purpose: DataKeyPurpose): DataKey {
    for (const key of this.#keys.values()) {
      if (key.purpose === purpose && key.state === 'active') return key;
    }
    throw new Error(`There is no active ${purpose} key`);
  }

  /** The key that made a token, if it may still verify; `null` for a foreign one. */
  find(purpose: DataKeyPurpose, kid: string): DataKey | null {
    const key = this.#keys.get(kid);
    return key?.purpose === purpose ? key : null;
  }

  activeSigningKey(): SigningKey {
    return this.#signingKeys.get(this.active('signing').kid) ?? fail();
  }

  findSigningKey(kid: string): SigningKey | null {
    return this.#signingKeys.get(kid) ?? null;
  }

  /** Everything that the JWK set publishes. */
  signingKeys(): SigningKey[] {
    return [...this.#signingKeys.values()];
  }

  *#load(): Step<WrappedDataKey[]> {
    const existing = yield* this.repository.lockAndList();
    const checkValue = yield* this.settings.find(MASTER_KEY_CHECK);
    if (checkValue === null && existing.length === 0) {
      yield* this.settings.set(MASTER_KEY_CHECK, this.masterKey.checkValue);
    } else if (checkValue === null || !this.masterKey.recognises(checkValue)) {
      throw new ConfigurationError('The master key', [
        'it is not the one that this database was set up with',
      ]);
    }
    const keys = [...existing];
    for (const purpose of DATA_KEY_PURPOSES) {
      if (keys.some((key) => key.purpose === purpose && key.state === 'active')) continue;
      const key = this.#wrap(newDataKey(purpose, 'active'));
      yield* this.repository.insert(key);
      keys.push(key);
    }
    return keys;
  }

  #wrap({ kid, purpose, state, material }: DataKey): WrappedDataKey {
    return { kid, purpose, state, wrapped: this.masterKey.wrap(material, wrappingContext(kid, purpose)) };
  }

  #unwrap({ kid, purpose, state, wrapped }: WrappedDataKey): DataKey {
    return { kid, purpose, state, material: this.masterKey.unwrap(wrapped, wrappingContext(kid, purpose)) };
  }
}

function fail(): never {
  throw new Error('The active signing key is not loaded');
}
