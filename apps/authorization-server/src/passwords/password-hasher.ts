import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { Argon2Settings, HashPoolSettings } from '../config/authorization-server-config.js';
import { HashQueue, type HashQueueObserver } from './hash-queue.js';
import { isWeaker } from './hash-strength.js';
import {
  parsePasswordHash,
  passwordHashProblem,
  readPasswordHash,
  sampleOfCost,
} from './parse-password-hash.js';
import { costOf, type PasswordHash } from './password-hash.js';
import type { PasswordPeppers } from './password-hash-types.js';
import { VerificationTimes } from './verification-times.js';

/** Verifications of one cost that are timed; the fastest counts, because others may use the machine meanwhile. */
const TIMED_ROUNDS = 3;

/**
 * Hashes passwords with argon2id (RFC 9106), and verifies them also against hashes of other systems, in worker threads
 * of lower priority, behind a bounded queue.
 *
 * Every method throws HashQueueFullError when too many wait.
 */
@Injectable()
export class PasswordHasher implements OnModuleInit, OnApplicationShutdown {
  readonly #pool: Piscina;
  readonly #queue: HashQueue;
  readonly #times = new VerificationTimes();
  #dummy: PasswordHash | null = null;

  constructor(
    private readonly argon2: Argon2Settings,
    pool: HashPoolSettings,
    /** The values of the peppers that hashes name. */
    private readonly peppers: PasswordPeppers = {},
  ) {
    this.#queue = new HashQueue({
      concurrency: pool.workers,
      queueLimit: pool.queueLimit,
      deadlineMs: pool.queueDeadlineMs,
    });
    this.#pool = new Piscina({
      filename: new URL('./hash-worker.cjs', import.meta.url).href,
      minThreads: 1,
      maxThreads: pool.workers,
      concurrentTasksPerWorker: 1,
      idleTimeout: 60_000,
    });
  }

  async onModuleInit(): Promise<void> {
    this.#dummy = parsePasswordHash(await this.hash(randomBytes(32).toString('base64url')));
    for (let round = 0; round < TIMED_ROUNDS; round++) await this.verify(null, '');
  }

  /** How long one verification of a new hash takes when nothing else runs, in milliseconds. */
  get verificationMs(): number {
    return this.#times.of(costOf(this.#requireDummy())) ?? 0;
  }

  /** The same for the slowest hash that {@link PasswordHasher.learn} knows of. */
  get slowestVerificationMs(): number {
    return this.#times.slowest;
  }

  /** How many passwords wait for a thread and are with one now. */
  get load(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#queue.depth, running: this.#queue.running };
  }

  observeQueue(observer: HashQueueObserver): void {
    this.#queue.observer = observer;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.close();
  }

  /** @returns the PHC string of a new salted hash */
  hash(password: string): Promise<string> {
    return this.#queue.run(
      () => this.#pool.run({ operation: 'hash', password, ...this.argon2 }) as Promise<string>,
    );
  }

  /**
   * @param hash as it is stored; `null` where there is no account, or anything that is no supported hash: costs as much
   * as a new hash, and is false
   */
  async verify(hash: string | null, password: string): Promise<boolean> {
    const stored = hash === null ? null : parsePasswordHash(hash);
    const matches = await this.#verify(stored ?? this.#requireDummy(), password);
    return stored !== null && matches;
  }

  /** Refuses at once what would be refused for want of room, before anything is done for it. */
  assertRoom(): void {
    this.#queue.assertRoom();
  }

  /** Takes as long as a verification would that begins now, its time in the queue included, and computes nothing. */
  verifyNothing(): Promise<void> {
    return this.#queue.pass();
  }

  /** Whether new hashes are stronger than this one, so that it should be replaced. */
  isOutdated(hash: string): boolean {
    return isWeaker(parsePasswordHash(hash), this.argon2);
  }

  /** @returns why a hash of another system cannot be stored, to be put behind its name; `null`: it can */
  problemOf(hash: string): string | null {
    return passwordHashProblem(hash, this.peppers);
  }

  /** What to store of a hash without problems: it in our form. A digest is hashed once more, and is never stored bare. */
  async storable(given: string): Promise<string> {
    const { text, hash, digest } = readPasswordHash(given);
    return hash === null ? `${text}${await this.hash(digest)}` : text;
  }

  /** Whether it is known how long a verification of such a hash takes. */
  knows(cost: string): boolean {
    return this.#times.of(cost) !== null;
  }

  /** Finds out how long verifications take. @param costs of all stored hashes; others are forgotten */
  async learn(costs: readonly string[]): Promise<void> {
    this.#times.keepOnly(new Set([...costs, costOf(this.#requireDummy())]));
    for (const cost of costs) {
      const sample = this.knows(cost) ? null : sampleOfCost(cost);
      for (let round = 0; sample !== null && round < TIMED_ROUNDS; round++) await this.#verify(sample, '');
    }
  }

  #verify(hash: PasswordHash, password: string): Promise<boolean> {
    return this.#queue.run(async () => {
      const start = performance.now();
      const matches = (await this.#pool.run({
        operation: 'verify',
        password,
        hash,
        peppers: this.peppers,
      })) as boolean;
      this.#times.observe(costOf(hash), performance.now() - start);
      return matches;
    });
  }

  #requireDummy(): PasswordHash {
    if (this.#dummy === null) throw new Error('The hasher has not been initialised');
    return this.#dummy;
  }
}
