import { FairQueue, type Flow } from './fair-queue.js';

/** Too many passwords wait to be verified; the request may be tried again (HTTP 503). */
export class HashQueueFullError extends Error {
  override readonly name = 'HashQueueFullError';
}

/** There was no verdict before the answer; there is one, and it counts (HTTP 503 as well). */
export class LateVerificationError extends HashQueueFullError {
  /** @param outcome whether the password is right; rejects where it was not compared after all */
  constructor(
    message: string,
    readonly outcome: Promise<boolean>,
  ) {
    super(message);
  }
}

/** Whose task it is, and whether its source has logged in to the account before. */
export interface HashOrigin extends Flow {
  readonly known: boolean;
}

/** Why a task was not done: no room for it; room was made for somebody who had less; or the wait was too long. */
export const HASH_REFUSALS = ['full', 'pushed_out', 'deadline'] as const;
export type HashRefusal = (typeof HASH_REFUSALS)[number];

interface Waiting {
  /** `false`: it only waits for its turn, and hands it on at once. */
  readonly counts: boolean;
  start(): void;
  refuse(reason: HashRefusal): void;
}

export interface HashQueueLimits {
  /** How many tasks run at the same time. */
  concurrency: number;
  /** How many may wait, and as many again whose sources are known. */
  queueLimit: number;
  /** How long one may wait, in milliseconds. A task that has started is never cut off. */
  deadlineMs: number;
}

/** Told how a queue fares. Times in seconds. */
export interface HashQueueObserver {
  started(waited: number): void;
  ended(ran: number): void;
  refused(reason: HashRefusal, origin: HashOrigin): void;
}

/** While both wait, those of known sources have this many turns for each one of the others. */
const TURNS_OF_KNOWN = 3;

const MESSAGES: Readonly<Record<HashRefusal, string>> = {
  full: 'the queue is full',
  pushed_out: 'the queue is full, and its client and source had the most in it',
  deadline: 'the wait exceeded the deadline',
};

/**
 * A bounded queue, fair between clients and sources (see {@link FairQueue}): what cannot be served soon is refused instead
 * of piling up. Known sources have a queue of their own and most of the turns, so that they are served however many others
 * come; they are fair to each other in the same way.
 */
export class HashQueue {
  readonly #known: FairQueue<Waiting>;
  readonly #others: FairQueue<Waiting>;
  /** Turns of known sources since the last one of the others. */
  #knownTurns = 0;
  #running = 0;
  #lastRun = 0;

  /** Told of everything from now on, where there is one. */
  observer: HashQueueObserver | null = null;

  constructor(private readonly limits: HashQueueLimits) {
    this.#known = new FairQueue(limits.queueLimit);
    this.#others = new FairQueue(limits.queueLimit);
  }

  /** How many tasks wait. */
  get depth(): number {
    return this.#known.size + this.#others.size;
  }

  /** How many flows they are of. */
  get flows(): number {
    return this.#known.flows + this.#others.flows;
  }

  get running(): number {
    return this.#running;
  }

  /** @throws HashQueueFullError when a task that arrived now would be refused at once */
  assertRoom(origin: HashOrigin): void {
    if (this.#running < this.limits.concurrency || this.#queueOf(origin).hasRoom(origin)) return;
    throw this.#refusal('full', origin);
  }

  /** @throws HashQueueFullError when there is no room for the task, or the wait exceeds the deadline */
  async run<T>(task: () => Promise<T>, origin: HashOrigin): Promise<T> {
    const arrived = performance.now();
    if (this.#running < this.limits.concurrency) this.#running++;
    else await this.#turn(origin, true);
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
   * Takes as long as a task of an unknown source that arrives now, as far as the latest one tells, or fails as it would,
   * and computes nothing. It takes no room: no task is refused because of any number of these.
   *
   * @throws HashQueueFullError as {@link HashQueue.run}
   */
  async pass(flow: Flow): Promise<void> {
    if (this.#running >= this.limits.concurrency) await this.#turn({ ...flow, known: false }, false);
    await new Promise((resolve) => setTimeout(resolve, this.#lastRun));
  }

  #queueOf({ known }: HashOrigin): FairQueue<Waiting> {
    return known ? this.#known : this.#others;
  }

  #refusal(reason: HashRefusal, origin: HashOrigin): HashQueueFullError {
    this.observer?.refused(reason, origin);
    return new HashQueueFullError(MESSAGES[reason]);
  }

  #turn(origin: HashOrigin, counts: boolean): Promise<void> {
    const queue = this.#queueOf(origin);
    return new Promise((resolve, reject) => {
      const refuse = (reason: HashRefusal): void => {
        clearTimeout(deadline);
        reject(counts ? this.#refusal(reason, origin) : new HashQueueFullError(MESSAGES[reason]));
      };
      const deadline = setTimeout(
        () => {
          queue.remove(origin, waiting);
          refuse('deadline');
        },
        Math.max(origin.minDeadlineMs ?? 0, this.limits.deadlineMs),
      );
      const start = (): void => {
        clearTimeout(deadline);
        resolve();
      };
      const waiting: Waiting = { counts, start, refuse };
      const pushedOut = queue.push(origin, waiting);
      if (pushedOut === null) refuse('full');
      for (const other of pushedOut ?? []) other.refuse('pushed_out');
    });
  }

  /** Hands the finished task's place on. */
  #next(): void {
    for (let waiting = this.#take(); waiting !== undefined; waiting = this.#take()) {
      waiting.start();
      if (waiting.counts) return;
    }
    this.#running--;
  }

  #take(): Waiting | undefined {
    if (!this.#known.isEmpty && (this.#knownTurns < TURNS_OF_KNOWN || this.#others.isEmpty)) {
      this.#knownTurns++;
      return this.#known.shift();
    }
    const waiting = this.#others.shift();
    if (waiting?.counts === true) this.#knownTurns = 0;
    return waiting;
  }
}
