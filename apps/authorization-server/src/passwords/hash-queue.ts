/** Too many passwords wait to be verified; the request may be tried again (HTTP 503). */
export class HashQueueFullError extends Error {
  override readonly name = 'HashQueueFullError';
}

/** A slow hash was not verified before the deadline; it still is (HTTP 503 as well). */
export class LateVerificationError extends HashQueueFullError {
  /**
   * @param cost see `costOf`
   * @param outcome whether the password is right; rejects where it was not compared after all
   */
  constructor(
    cost: string,
    readonly outcome: Promise<boolean>,
  ) {
    super(`the verification of a slow hash (${cost}) exceeded the deadline`);
  }
}

interface Waiting {
  start(): void;
  readonly deadline: NodeJS.Timeout;
  /** Whether it only waits for its turn, and hands it on at once. */
  readonly passes: boolean;
}

export interface HashQueueLimits {
  /** How many tasks run at the same time. */
  concurrency: number;
  /** How many may wait; the next one is refused at once. */
  queueLimit: number;
  /** How long one may wait, in milliseconds. A task that has started is never cut off. */
  deadlineMs: number;
}

/** Told how a queue fares. Times in seconds. */
export interface HashQueueObserver {
  started(waited: number): void;
  ended(ran: number): void;
  refused(reason: 'full' | 'deadline'): void;
}

/** A bounded first-in, first-out queue: what cannot be served soon is refused instead of piling up. */
export class HashQueue {
  readonly #waiting: Waiting[] = [];
  #depth = 0;
  #running = 0;
  #lastRun = 0;

  /** Told of everything from now on, where there is one. */
  observer: HashQueueObserver | null = null;

  constructor(private readonly limits: HashQueueLimits) {}

  /** How many tasks wait. */
  get depth(): number {
    return this.#depth;
  }

  get running(): number {
    return this.#running;
  }

  /** @throws HashQueueFullError when a task that arrived now would be refused at once */
  assertRoom(): void {
    if (this.#running >= this.limits.concurrency) this.#assertPlace();
  }

  /** @throws HashQueueFullError when the queue is full or the wait exceeds the deadline */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const arrived = performance.now();
    if (this.#running < this.limits.concurrency) this.#running++;
    else await this.#turn(false);
    const started = performance.now();
    this.observer?.started((started - arrived) / 1000);
    try {
      return await task();
    } finally {
      this.#lastRun = performance.now() - started;
      this.observer?.ended(this.#lastRun / 1000);
      this.#next();
    }
  }

  /**
   * Takes as long as a task that arrives now, as far as the latest one tells, or fails as it would, and computes
   * nothing. It takes no room: no task is refused because of any number of these.
   *
   * @throws HashQueueFullError as {@link HashQueue.run}
   */
  async pass(): Promise<void> {
    if (this.#running >= this.limits.concurrency) await this.#turn(true);
    await new Promise((resolve) => setTimeout(resolve, this.#lastRun));
  }

  #assertPlace(): void {
    if (this.#depth < this.limits.queueLimit) return;
    this.observer?.refused('full');
    throw new HashQueueFullError('the queue is full');
  }

  #turn(passes: boolean): Promise<void> {
    this.#assertPlace();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start: resolve,
        passes,
        deadline: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          if (!passes) this.#depth--;
          this.observer?.refused('deadline');
          reject(new HashQueueFullError('the wait exceeded the deadline'));
        }, this.limits.deadlineMs),
      };
      this.#waiting.push(waiting);
      if (!passes) this.#depth++;
    });
  }

  /** Hands the finished task's place to whoever waits longest. */
  #next(): void {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      clearTimeout(waiting.deadline);
      waiting.start();
      if (waiting.passes) continue;
      this.#depth--;
      return;
    }
    this.#running--;
  }
}
