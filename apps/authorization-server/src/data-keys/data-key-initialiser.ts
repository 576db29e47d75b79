import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { ConfigurationError } from '@latchkey/platform/environment';
import type { Logger } from 'pino';
import { LOGGER } from '../config/config.token.js';
import { SettingRepository } from '../database/settings.js';
import {
  makeDataKeys,
  newDataKey,
  ROTATING_PURPOSES,
  storedPurposesOf,
  type DataKey,
  type DataKeyPurpose,
  type DataKeyState,
} from './data-key.js';
import { DataKeyRepository, type WrappedDataKey } from './data-key-repository.js';
import { unwrapDataKey, wrapDataKey } from './data-key-wrapping.js';
import { MasterKey, PREVIOUS_MASTER_KEY } from './master-key.js';

/** The setting by which the master key of an installation is recognised. */
export const MASTER_KEY_CHECK = 'master_key_check';

/** The keys of every installation: an active key for each purpose, and the next one for purposes that rotate. */
const REQUIRED: readonly (readonly [DataKeyPurpose, DataKeyState])[] = [
  ...ROTATING_PURPOSES.flatMap(storedPurposesOf).flatMap((purpose) => [
    [purpose, 'active'] as const,
    [purpose, 'next'] as const,
  ]),
  ['digest', 'active'],
];

/** Wraps the stored data keys with the configured master key, and creates missing ones. */
@Injectable()
export class DataKeyInitialiser {
  constructor(
    private readonly database: Database,
    private readonly repository: DataKeyRepository,
    private readonly settings: SettingRepository,
    private readonly masterKey: MasterKey,
    @Inject(PREVIOUS_MASTER_KEY) private readonly previousMasterKey: MasterKey | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws ConfigurationError when the database belongs to another master key; nothing is changed then */
  async initialise(): Promise<void> {
    const stored = await this.repository.list();
    const made = await makeDataKeys(missingFrom(stored));
    const replaced = await this.database.transaction((tx) => this.#initialise(tx, made), 'background');
    if (replaced) this.logger.warn('the master key was replaced; the previous one is refused from now on');
  }

  /** Whether the stored keys still belong to this server's master key, which another replica may have replaced. */
  async holdsMasterKey(tx: Transaction): Promise<boolean> {
    const checkValue = await this.settings.find(tx, MASTER_KEY_CHECK);
    return checkValue !== null && this.masterKey.recognises(checkValue);
  }

  /** @param made the missing keys, unless another server has stored them first */
  async #initialise(tx: Transaction, made: readonly DataKey[]): Promise<boolean> {
    const keys = await this.repository.lockAndList(tx);
    const replaced = await this.#adoptMasterKey(tx, keys);
    for (const [purpose, state] of missingFrom(keys)) {
      const key = made.find((other) => other.purpose === purpose && other.state === state);
      await this.repository.insert(tx, wrapDataKey(key ?? newDataKey(purpose, state), this.masterKey));
    }
    return replaced;
  }

  /** @returns whether the master key was replaced */
  async #adoptMasterKey(tx: Transaction, keys: readonly WrappedDataKey[]): Promise<boolean> {
    const checkValue = await this.settings.find(tx, MASTER_KEY_CHECK);
    if (checkValue !== null && this.masterKey.recognises(checkValue)) return false;
    const isNew = checkValue === null && keys.length === 0;
    if (!isNew) {
      const previous = this.previousMasterKey;
      if (checkValue === null || previous?.recognises(checkValue) !== true) {
        throw new ConfigurationError('The master key', [
          'it is not the one that this database was set up with',
        ]);
      }
      for (const key of keys) await this.#rewrap(tx, unwrapDataKey(key, previous));
    }
    await this.settings.set(tx, MASTER_KEY_CHECK, this.masterKey.checkValue);
    return !isNew;
  }

  async #rewrap(tx: Transaction, key: DataKey): Promise<void> {
    await this.repository.rewrap(tx, key.kid, wrapDataKey(key, this.masterKey).wrapped);
  }
}

function missingFrom(keys: readonly WrappedDataKey[]): (typeof REQUIRED)[number][] {
  return REQUIRED.filter(
    ([purpose, state]) => !keys.some((key) => key.purpose === purpose && key.state === state),
  );
}
