import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Piscina } from 'piscina';
import type {
  Argon2Settings,
  HashPoolSettings,
  PasswordPeppers,
} from '../config/authorization-server-config.js';
import type { Flow } from './fair-queue.js';
import { HashQueue, LateVerificationError, type HashOrigin, type HashQueueObserver } from './hash-queue.js';
import { costProblem, isSlow, isWeaker, SLOW_WORK } from './hash-strength.js';
import {
  parsePasswordHash,
  passwordHashProblem,
  readPasswordHash,
  sampleOfCost,
} from './parse-password-hash.js';
import { costOf, workOf, type PasswordHash } from './password-hash.js';
import { VerificationTimes } from './verification-times.js';

/** Verifications that are timed at the start; the fastest counts, because others may use the machine. */
const TIMED_ROUNDS = 3;

/** The origin of the server's own hashes: as a client of its own, it does not wait behind all logins. */
export const OWN: HashOrigin = { client: 'server', source: '', known: false };

/** `slow`: for the verification of hashes that take much longer, or much more memory, than new ones. */
type HashLaneName = 'usual' | 'slow';
export const HASH_LANES: readonly HashLaneName[] = ['usual', 'slow'];

/** Worker threads with their queue. */
interface HashLane {
  readonly pool: Piscina;
  readonly queue: HashQueue;
}

/**
 * Hashes passwords with argon2id (RFC 9106), and verifies them also against hashes of other systems, in worker threads
 * of lower priority, behind bounded queues. Slow hashes have a thread and a queue of their own: no other verification
 * waits for them, and only one of them at a time takes memory.
 *
 * Every method throws HashQueueFullError when too many tasks wait.
 */
@Injectable()
export class PasswordHasher implements OnModuleInit, OnApplicationShutdown {
  readonly #lanes: Readonly<Record<HashLaneName, HashLane>>;
  readonly #times = new VerificationTimes();
  readonly #dummy: PasswordHash;

  constructor(
    private readonly argon2: Argon2Settings,
    private readonly limits: HashPoolSettings,
    /** The values of the peppers that hashes refer to. */
    private readonly peppers: PasswordPeppers = {},
  ) {
    this.#dummy = dummyHash(argon2);
    this.#lanes = { usual: createLane(limits, 1), slow: createLane({ ...limits, workers: 1 }, 0) };
  }

  /** Waits for one verification only, which shows that the threads work. Further measurements run in the background. */
  async onModuleInit(): Promise<void> {
    await this.#verify(this.#dummy, '', OWN);
    void this.#timeDummy();
  }

  /** How long one verification of a new hash takes without other load, in milliseconds. */
  get verificationMs(): number {
    return this.#times.of(costOf(this.#dummy)) ?? 0;
  }

  /** The same for the slowest hash in use, without those that are verified in the slow lane. */
  get slowestVerificationMs(): number {
    const ours = this.verificationMs;
    return Math.min(Math.max(ours, this.#times.slowest(ours / workOf(this.#dummy))), SLOW_WORK * ours);
  }

  /** Number of waiting tasks, of their flows, and of running tasks. */
  load(lane: HashLaneName): { readonly waiting: number; readonly flows: number; readonly running: number } {
    const { queue } = this.#lanes[lane];
    return { waiting: queue.depth, flows: queue.flows, running: queue.running };
  }

  observeQueue(lane: HashLaneName, observer: HashQueueObserver): void {
    this.#lanes[lane].queue.observer = observer;
  }

  async onApplicationShutdown(): Promise<void> {
    // Requests with a slow hash have been answered by now, or will be repeated.
    await Promise.all([this.#lanes.usual.pool.close(), this.#lanes.slow.pool.destroy()]);
  }

  /** @returns the PHC string of a new salted hash */
  hash(password: string, flow: Flow = OWN): Promise<string> {
    const { pool, queue } = this.#lanes.usual;
    const task = () => pool.run({ operation: 'hash', password, ...this.argon2 }) as Promise<string>;
    return queue.run(task, { ...flow, known: false });
  }

  /**
   * @param hash as it is stored; `null` when there is no account. `null` and unsupported hashes cost as much as a new
   *   hash, and return false
   * @throws LateVerificationError when the verification of a slow hash began but did not end before the deadline; or
   *   when the password of a known source was wrong, and that of an unknown source would not have been compared
   */
  async verify(hash: string | null, password: string, origin: HashOrigin = OWN): Promise<boolean> {
    const stored = hash === null ? null : parsePasswordHash(hash);
    if (stored !== null && isSlow(stored, this.argon2)) return this.#verifySlow(stored, password, origin);
    const hashToCompare = stored ?? this.#dummy;
    const matches = origin.known
      ? await this.#verifyKnown(hashToCompare, password, origin)
      : await this.#verify(hashToCompare, password, origin);
    return stored !== null && matches;
  }

  /** Refuses at once a verification that would find no room in the queue, before other work is done for it. */
  assertRoom(origin: HashOrigin): void {
    this.#lanes.usual.queue.assertRoom(origin);
  }

  /** Takes as long as a verification that begins now, queueing included, and computes nothing. */
  verifyNothing(flow: Flow): Promise<void> {
    return this.#lanes.usual.queue.pass(flow);
  }

  /** Whether a hash should be replaced by a new one, because that is stronger or much faster to verify. */
  isOutdated(hash: string): boolean {
    const stored = parsePasswordHash(hash);
    return isWeaker(stored, this.argon2) || (stored !== null && isSlow(stored, this.argon2));
  }

  /** @returns why a hash of another system cannot be stored, as a text that follows its name; `null`: it can */
  problemOf(hash: string): string | null {
    const parsed = parsePasswordHash(hash);
    const expense = parsed === null ? null : costProblem(parsed, this.argon2);
    return passwordHashProblem(hash, this.peppers) ?? expense;
  }

  /** The hash in our format, for a hash without problems. A digest is hashed again, and never stored as it is. */
  async storable(given: string, flow: Flow = OWN): Promise<string> {
    const { text, hash, digest } = readPasswordHash(given);
    return hash === null ? `${text}${await this.hash(digest, flow)}` : text;
  }

  /** @returns a warning about a hash that can be stored, as a text that follows its name; `null`: none */
  warningOf(hash: string): string | null {
    const parsed = parsePasswordHash(hash);
    if (parsed === null || !isSlow(parsed, this.argon2)) return null;
    const times = (workOf(parsed) / workOf(this.#dummy)).toFixed(0);
    return (
      `is slow: verifying it takes some ${times} times as long as a new hash (${costOf(parsed)}); ` +
      'the first login takes that long and may get HTTP 503, and replaces it'
    );
  }

  /** Whether hashes of this cost are in use, so that the refusal delay is long enough for them. */
  knows(cost: string): boolean {
    return this.#times.knows(cost);
  }

  /** Hashes of these costs are stored, in addition to the known ones. */
  expect(...costs: readonly string[]): void {
    for (const [cost, work] of this.#workOf(costs)) this.#times.expect(cost, work);
  }

  /** Hashes of these costs are stored, and no others are. */
  expectOnly(costs: readonly string[]): void {
    this.#times.expectOnly(this.#workOf([...costs, costOf(this.#dummy)]));
  }

  /** By cost. The work of a slow hash is 0, because only logins to its own account wait for it. */
  #workOf(costs: readonly string[]): Map<string, number> {
    const work = new Map<string, number>();
    for (const cost of costs) {
      const sample = sampleOfCost(cost);
      if (sample !== null) work.set(cost, isSlow(sample, this.argon2) ? 0 : workOf(sample));
    }
    return work;
  }

  async #timeDummy(): Promise<void> {
    // Logins are timed too, so a failure here does not matter.
    for (let round = 1; round < TIMED_ROUNDS; round++)
      await this.#verify(this.#dummy, '', OWN).catch(() => false);
  }

  #verify(hash: PasswordHash, password: string, origin: HashOrigin): Promise<boolean> {
    const { pool, queue } = this.#lanes.usual;
    return queue.run(async () => {
      const start = performance.now();
      const matches = (await pool.run(this.#verification(hash, password))) as boolean;
      this.#times.observe(costOf(hash), performance.now() - start);
      return matches;
    }, origin);
  }

  /** Only a right password uses the reserved room. A wrong one is refused like that of an unknown source. */
  async #verifyKnown(hash: PasswordHash, password: string, origin: HashOrigin): Promise<boolean> {
    const unknown = this.verifyNothing(origin).then(
      () => null,
      (error: Error) => error,
    );
    if (await this.#verify(hash, password, origin)) return true;
    const refusal = await unknown;
    if (refusal !== null) throw new LateVerificationError(refusal.message, Promise.resolve(false));
    return false;
  }

  /** The message to `hash-worker.cjs`. */
  #verification(hash: PasswordHash, password: string): object {
    return { operation: 'verify', password, hash, peppers: this.peppers };
  }

  async #verifySlow(hash: PasswordHash, password: string, origin: HashOrigin): Promise<boolean> {
    const { pool, queue } = this.#lanes.slow;
    const outcome = queue.run(() => pool.run(this.#verification(hash, password)) as Promise<boolean>, origin);
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new LateVerificationError(
        `the verification of a slow hash (${costOf(hash)}) exceeded the deadline`,
        outcome,
      );
      deadline = setTimeout(() => reject(error), this.limits.queueDeadlineMs);
    });
    return Promise.race([outcome, late]).finally(() => clearTimeout(deadline));
  }
}

function createLane(
  { workers, queueLimit, queueDeadlineMs }: HashPoolSettings,
  minThreads: number,
): HashLane {
  return {
    queue: new HashQueue({ concurrency: workers, queueLimit, deadlineMs: queueDeadlineMs }),
    pool: new Piscina({
      filename: new URL('./hash-worker.cjs', import.meta.url).href,
      minThreads,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      idleTimeout: 60_000,
    }),
  };
}

/** A hash that matches no password, at the cost of a new one. */
function dummyHash({ memoryKib, iterations }: Argon2Settings): PasswordHash {
  const [salt, digest] = [16, 32].map((bytes) => randomBytes(bytes).toString('base64').replace(/=+$/, ''));
  const hash = parsePasswordHash(`$argon2id$v=19$m=${memoryKib},t=${iterations},p=1$${salt}$${digest}`);
  if (hash === null) throw new Error('The settings of argon2id are beyond what can be verified');
  return hash;
}
