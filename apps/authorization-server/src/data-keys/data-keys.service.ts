import { createHmac } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { ConfigurationError } from '@latchkey/platform/environment';
import type { Logger } from 'pino';
import type { AuditContext } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { ReceivedChanges } from '../changes/received-changes.js';
import { LOGGER } from '../config/config.token.js';
import { makeDataKeys, storedPurposesOf, type DataKey, type RotatingPurpose } from './data-key.js';
import { DataKeyInitialiser } from './data-key-initialiser.js';
import { DataKeyRepository, type DataKeyInfo, type WrappedDataKey } from './data-key-repository.js';
import { unwrapDataKey, wrapDataKey } from './data-key-wrapping.js';
import { KeyRing } from './key-ring.js';
import { MasterKey } from './master-key.js';

/** Interval at which a server looks for keys of other replicas, in milliseconds. */
const RELOAD_INTERVAL_MS = 10_000;

/** Milliseconds until the next attempt after a failure, because a revocation of keys may have been missed. */
const RETRY_INTERVAL_MS = 1000;

/** How long clients may cache the published keys, in seconds: the `max-age` of the JWK set. */
export const JWKS_MAX_AGE = 300;

/** Milliseconds until every replica has the next key, and every verifier of JWTs has seen it in the JWK set. */
const SETTLE_MS: Record<RotatingPurpose, number> = {
  signing: JWKS_MAX_AGE * 1000 + 2 * RELOAD_INTERVAL_MS,
  sealing: 2 * RELOAD_INTERVAL_MS,
  refresh: 2 * RELOAD_INTERVAL_MS,
};

/** The next key is so new that a replica may not have it yet. */
export class RotationTooSoonError extends Error {
  override readonly name = 'RotationTooSoonError';
}

/** The installation's data keys. */
@Injectable()
export class DataKeysService implements OnModuleInit, OnApplicationShutdown {
  #ring = new KeyRing([]);
  /** The fingerprint of the keys in the ring. */
  #fingerprint = '';
  #loading: Promise<void> = Promise.resolve();
  #nextLoading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly database: Database,
    private readonly initialiser: DataKeyInitialiser,
    private readonly repository: DataKeyRepository,
    private readonly masterKey: MasterKey,
    private readonly audit: AuditLog,
    @Inject(LOGGER) private readonly logger: Logger,
    changes: ReceivedChanges,
  ) {
    changes.subscribe({
      changed: ({ kind }) => {
        if (kind === 'data_keys') void this.#tryReload();
      },
      missed: () => void this.#tryReload(),
    });
  }

  /** @throws ConfigurationError when the database belongs to another master key */
  async onModuleInit(): Promise<void> {
    await this.initialiser.initialise();
    await this.reload();
    this.#reloadIn(RELOAD_INTERVAL_MS);
  }

  /** Resolves when the service no longer uses the database. */
  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#nextLoading?.catch(() => undefined);
    await this.#loading;
  }

  /** The same object until the keys change. */
  get ring(): KeyRing {
    return this.#ring;
  }

  /**
   * A keyed hash that stays the same for the lifetime of the installation, to recognise a value without storing it.
   *
   * @param use separates the hashes of different uses
   */
  digest(use: string, value: string): string {
    const { material } = this.#ring.active('digest');
    return createHmac('sha256', material).update(`${use}\0`).update(value).digest('base64url');
  }

  /**
   * Activates the next key, retires the current one, and creates a new next key.
   *
   * @param force in an emergency: do not wait until every replica has the next key
   * @throws RotationTooSoonError, ConfigurationError
   */
  async rotate(purpose: RotatingPurpose, context: AuditContext, { force = false } = {}): Promise<void> {
    const made = await makeDataKeys(storedPurposesOf(purpose).map((stored) => [stored, 'next']));
    const rotated = await this.database.transaction(
      (tx) => this.#rotate(tx, purpose, made, context, force),
      'administration',
    );
    if (!rotated) {
      throw new RotationTooSoonError(`The next ${purpose} key must be ${SETTLE_MS[purpose] / 1000} s old`);
    }
    await this.reload();
  }

  /**
   * In an emergency: creates new keys, and takes all previous keys out of use, including the next one. Whatever was
   * sealed or signed with them is refused from now on. Other servers follow at once, or within ten seconds if they miss
   * the notification.
   *
   * @throws ConfigurationError
   */
  async revoke(purposes: readonly RotatingPurpose[], context: AuditContext): Promise<void> {
    const made = await makeDataKeys(
      purposes
        .flatMap(storedPurposesOf)
        .flatMap((stored) => [[stored, 'active'] as const, [stored, 'next'] as const]),
    );
    await this.database.transaction((tx) => this.#revoke(tx, purposes, made, context), 'administration');
    await this.reload();
  }

  /** All keys, oldest first, without their values. */
  list(): Promise<DataKeyInfo[]> {
    return this.repository.listInfo();
  }

  /** Loads the stored keys. Loads run one at a time, so that older keys never replace newer ones. */
  reload(): Promise<void> {
    this.#nextLoading ??= this.#loading.then(() => {
      this.#nextLoading = null;
      const loading = this.#load();
      this.#loading = loading.catch(() => undefined);
      return loading;
    });
    return this.#nextLoading;
  }

  async #load(): Promise<void> {
    const keys = (await this.repository.list()).filter(({ state }) => state !== 'revoked');
    const fingerprint = keys.map(({ kid, state }) => `${kid} ${state}`).join();
    if (fingerprint === this.#fingerprint) return;
    // First the revoked keys, because this server may not have the master key of the new ones yet.
    this.#ring = this.#ring.keeping(new Set(keys.map(({ kid }) => kid)));
    this.#ring = new KeyRing(
      keys.map((key) => unwrapDataKey(key, this.masterKey)),
      this.#ring,
    );
    this.#fingerprint = fingerprint;
  }

  /** After a failure to load, a server keeps its current keys except revoked ones. */
  async #tryReload(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.reload();
      this.#reloadIn(RELOAD_INTERVAL_MS);
    } catch (error) {
      this.logger.error({ err: error }, 'could not reload the data keys');
      this.#reloadIn(RETRY_INTERVAL_MS);
    }
  }

  #reloadIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#tryReload(), milliseconds).unref();
  }

  /** @returns `false` when a next key is too new; then none is rotated */
  async #rotate(
    tx: Transaction,
    purpose: RotatingPurpose,
    made: readonly DataKey[],
    context: AuditContext,
    force: boolean,
  ): Promise<boolean> {
    const keys = await this.#lockAndList(tx, [purpose]);
    const nextKeys = keys.filter(({ state }) => state === 'next');
    const tooYoung = force ? [] : nextKeys.filter(({ age }) => age < SETTLE_MS[purpose]);
    for (const { kid, age } of tooYoung) {
      // The clock was set back, so the creation time lies in the future. With the current time the key is usable soon.
      if (age < 0) await this.repository.renew(tx, kid);
    }
    if (tooYoung.length > 0) return false;
    if (nextKeys.length !== made.length) throw new Error(`A next ${purpose} key is missing`);
    for (const { kid, state } of keys) {
      if (state === 'active') await this.repository.setState(tx, kid, 'retired');
    }
    for (const { kid } of nextKeys) await this.repository.setState(tx, kid, 'active');
    for (const fresh of made) {
      await this.repository.insert(tx, wrapDataKey(fresh, this.masterKey));
    }
    await this.audit.record(tx, {
      ...context,
      kind: 'data_key_rotated',
      outcome: 'success',
      detail: { purpose },
    });
    return true;
  }

  async #revoke(
    tx: Transaction,
    purposes: readonly RotatingPurpose[],
    made: readonly DataKey[],
    context: AuditContext,
  ): Promise<void> {
    for (const { kid, state } of await this.#lockAndList(tx, purposes)) {
      if (state !== 'revoked') await this.repository.setState(tx, kid, 'revoked');
    }
    for (const key of made) await this.repository.insert(tx, wrapDataKey(key, this.masterKey));
    const detail = { purposes };
    await this.audit.record(tx, { ...context, kind: 'data_keys_revoked', outcome: 'success', detail });
  }

  async #lockAndList(tx: Transaction, purposes: readonly RotatingPurpose[]): Promise<WrappedDataKey[]> {
    const wanted = purposes.flatMap(storedPurposesOf);
    const keys = await this.repository.lockAndList(tx);
    // A key that is wrapped by the previous master key would keep every server from starting.
    if (!(await this.initialiser.holdsMasterKey(tx))) {
      throw new ConfigurationError('The master key', ['another server has replaced it; start this one anew']);
    }
    return keys.filter(({ purpose }) => wanted.includes(purpose));
  }
}
