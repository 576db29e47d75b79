import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '@latchkey/platform/database';
import pino from 'pino';
import sql, { raw } from 'sql-template-tag';
import { newDataKey } from '../data-keys/data-key.js';
import type { DataKeysService } from '../data-keys/data-keys.service.js';
import { KeyRing } from '../data-keys/key-ring.js';
import { authorizationServerSchema } from '../schema.js';
import { loginFlow, type LoginSource } from './login-source.js';
import type { Reservation } from './login-reservation.js';
import { LoginDelays } from './login-delays.js';
import { LoginThrottle } from './login-throttle.js';
import { Places } from './places.js';
import { SourceBudgets } from './source-budgets.js';
import { ThrottleKeys, type ThrottledFactor } from './throttle-keys.js';
import { ThrottleRepository } from './throttle-repository.js';

export const FREE = 3;
export const SETTINGS = {
  freeAttempts: FREE,
  baseDelay: 60,
  maxDelay: 900,
  window: 3600,
  sourceAccounts: 1000,
};

export const from = (address: string | null, device: string | null = null): LoginSource => ({
  address,
  device,
  flow: loginFlow('shop', address, '127.0.0.1'),
});

/** Another address for each attempt. */
export const stranger = (attempt: number): LoginSource => from(`198.51.100.${attempt + 1}`);

/** The keys of a server, without what wraps them. */
export const DATA_KEYS = {
  digest: (use: string, value: string) => createHmac('sha256', use).update(value).digest('base64url'),
  ring: new KeyRing([newDataKey('digest', 'active')]),
} as unknown as DataKeysService;

/** A throttle over a database of its own, and what specs do with it. */
export class AThrottle {
  readonly throttle: LoginThrottle;

  private constructor(
    readonly database: Database,
    private readonly folder: string,
    sourceAccounts?: number,
  ) {
    this.throttle = this.another(sourceAccounts);
  }

  static async create(sourceAccounts?: number): Promise<AThrottle> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-throttle-'));
    const url = { dialect: 'sqlite', path: join(folder, 'a.sqlite') } as const;
    const database = await openDatabase(url, authorizationServerSchema, pino({ level: 'silent' }));
    // No period of places and no delay ends while a test runs, however slow it is; `pass` and `setTime` let time go by.
    Object.defineProperty(database, 'now', { value: raw(String(Date.now())), configurable: true });
    return new AThrottle(database, folder, sourceAccounts);
  }

  /** Of another server. */
  another(sourceAccounts = SETTINGS.sourceAccounts, deadlineMs = 2000): LoginThrottle {
    const { settings, repository, budgets, keys } = this.#parts(sourceAccounts);
    return new LoginThrottle(this.database, repository, budgets, keys, settings, deadlineMs);
  }

  /** What administrators see. */
  get delays(): LoginDelays {
    const { settings, repository, budgets, keys } = this.#parts(SETTINGS.sourceAccounts);
    return new LoginDelays(repository, budgets, keys, settings);
  }

  #parts(sourceAccounts: number) {
    const settings = { ...SETTINGS, sourceAccounts };
    const places = new Places(this.database, 60_000, SETTINGS.window * 1000);
    return {
      settings,
      repository: new ThrottleRepository(this.database, settings, places),
      budgets: new SourceBudgets(this.database, settings, places),
      keys: new ThrottleKeys(DATA_KEYS),
    };
  }

  async remove(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true });
  }

  /** An attempt that fails, if it is admitted. */
  async isAdmitted(name: string, source: LoginSource): Promise<boolean> {
    const reservation = await this.throttle.reserve(name, source);
    if (typeof reservation === 'string') return false;
    await this.throttle.fail(reservation);
    return true;
  }

  /** @param factor the second factor that is shown; `null`: the password */
  async reserved(
    name: string,
    source: LoginSource,
    factor: ThrottledFactor | null = null,
  ): Promise<Reservation> {
    const reservation = await this.throttle.reserve(name, source, factor);
    if (typeof reservation === 'string') throw new Error(`The attempt must wait: ${reservation}`);
    return reservation;
  }

  async logIn(name: string, source: LoginSource): Promise<Reservation> {
    const reservation = await this.reserved(name, source);
    await this.throttle.settle(reservation);
    return reservation;
  }

  /** Fails until an attempt must wait. */
  async attemptsUntilDelayed(name: string, source: (attempt: number) => LoginSource): Promise<number> {
    let attempts = 0;
    while (attempts < 20 && (await this.isAdmitted(name, source(attempts)))) attempts++;
    return attempts;
  }

  setTime(now: number): void {
    Object.defineProperty(this.database, 'now', { value: raw(String(now)), configurable: true });
  }

  async pass(seconds: number): Promise<void> {
    await this.database.execute(sql`UPDATE throttles SET last_at = last_at - ${seconds * 1000}`);
  }
}
