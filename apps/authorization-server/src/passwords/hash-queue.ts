/** Too many passwords wait to be verified; the request may be tried again (HTTP 503). */
export class HashQueueFullError extends Error {
  override readonly name = 'HashQueueFullError';
}

interface Waiting {
  start(): void;
  deadline: NodeJS.Timeout;
}

export interface HashQueueLimits {
  /** How many tasks run at the same time. */
  concurrency: number;
  /** How many may wait; the next one is refused at once. */
  queueLimit: number;
  /** How long one may wait, in milliseconds. A task that has started is never cut off. */
  deadlineMs: number;
}

/** A bounded first-in, first-out queue: what cannot be served soon is refused instead of piling up. */
export class HashQueue {
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(private readonly limits: HashQueueLimits) {}

  get depth(): number {
    return this.#waiting.length;
  }

  /** @throws HashQueueFullError when the queue is full or the wait exceeds the deadline */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.limits.concurrency) this.#running++;
    else await this.#turn();
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.limits.queueLimit) throw new HashQueueFullError('the queue is full');
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start: resolve,
        deadline: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(new HashQueueFullError('the wait exceeded the deadline'));
        }, this.limits.deadlineMs),
      };
      this.#waiting.push(waiting);
    });
  }

  /** Hands the finished task's place to whoever waits longest. */
  #next(): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#running--;
      return;
    }
    clearTimeout(waiting.deadline);
    waiting.start();
  }
}
