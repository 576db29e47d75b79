import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { Argon2Settings, HashPoolSettings } from '../config/authorization-server-config.js';
import { HashQueue } from './hash-queue.js';

/**
 * Hashes and verifies passwords with argon2id (RFC 9106) in worker threads of lower priority, behind a bounded queue.
 *
 * Every method throws HashQueueFullError when too many wait.
 */
@Injectable()
export class PasswordHasher implements OnModuleInit, OnApplicationShutdown {
  readonly #pool: Piscina;
  readonly #queue: HashQueue;
  #dummyHash = '';
  #verificationMs = 0;

  constructor(
    private readonly argon2: Argon2Settings,
    pool: HashPoolSettings,
  ) {
    this.#queue = new HashQueue({
      concurrency: pool.workers,
      queueLimit: pool.queueLimit,
      deadlineMs: pool.queueDeadlineMs,
    });
    this.#pool = new Piscina({
      filename: new URL('./argon2-worker.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: pool.workers,
      concurrentTasksPerWorker: 1,
      idleTimeout: 60_000,
    });
  }

  async onModuleInit(): Promise<void> {
    this.#dummyHash = await this.hash(randomBytes(32).toString('base64url'));
    this.#verificationMs = await this.#measure();
  }

  /** How long one verification takes when nothing else runs, in milliseconds; measured at start. */
  get verificationMs(): number {
    return this.#verificationMs;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.close();
  }

  /** The fastest of a few, because others may use the machine while it starts. */
  async #measure(): Promise<number> {
    let fastest = Infinity;
    for (let round = 0; round < 3; round++) {
      const start = performance.now();
      await this.verify(this.#dummyHash, '');
      fastest = Math.min(fastest, performance.now() - start);
    }
    return fastest;
  }

  /** @returns the PHC string of a new salted hash */
  hash(password: string): Promise<string> {
    return this.#queue.run(
      () => this.#pool.run({ operation: 'hash', password, ...this.argon2 }) as Promise<string>,
    );
  }

  /** @param hash a PHC string; `null` where there is no account: costs the same and is false */
  async verify(hash: string | null, password: string): Promise<boolean> {
    const matches = await this.#queue.run(
      () =>
        this.#pool.run({ operation: 'verify', password, hash: hash ?? this.#dummyHash }) as Promise<boolean>,
    );
    return hash !== null && matches;
  }
}
