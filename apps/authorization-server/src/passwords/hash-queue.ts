import { FairQueue, type Flow } from './fair-queue.js';

/** Too many passwords wait to be verified; the request may be tried again (HTTP 503). */
export class HashQueueFullError extends Error {
  override readonly name = 'HashQueueFullError';
}

/** The request was answered before the verification ended; its outcome still counts (HTTP 503 as well). */
export class LateVerificationError extends HashQueueFullError {
  /** @param outcome whether the password is right; rejects when it was not compared after all */
  constructor(
    message: string,
    readonly outcome: Promise<boolean>,
  ) {
    super(message);
  }
}

/** The flow of a task, and whether its source has logged in to the account before. */
export interface HashOrigin extends Flow {
  readonly known: boolean;
}

/** Why a task was not run: there was no room; it was pushed out for a flow with fewer tasks; or it waited too long. */
export const HASH_REFUSALS = ['full', 'pushed_out', 'deadline'] as const;
type HashRefusal = (typeof HASH_REFUSALS)[number];

interface Waiting {
  /** `false`: it only waits for its turn, and then passes it on at once. */
  readonly counts: boolean;
  start(): void;
  refuse(reason: HashRefusal): void;
}

interface HashQueueLimits {
  /** How many tasks run at the same time. */
  concurrency: number;
  /** Maximum number of waiting tasks; those of known sources have a second queue of the same size. */
  queueLimit: number;
  /** How long a task may wait, in milliseconds. A task that has started is never interrupted. */
  deadlineMs: number;
}

/** Receives the events of a queue. Times in seconds. */
export interface HashQueueObserver {
  started(waited: number): void;
  ended(ran: number): void;
  refused(reason: HashRefusal, origin: HashOrigin): void;
}

/** While both queues have waiting tasks, those of known sources have this many turns for each turn of the others. */
const TURNS_OF_KNOWN = 3;

const MESSAGES: Readonly<Record<HashRefusal, string>> = {
  full: 'the queue is full',
  pushed_out: 'the queue is full, and its client and source had the most in it',
  deadline: 'the wait exceeded the deadline',
};

/**
 * A bounded queue, fair between clients and sources (see {@link FairQueue}): tasks that cannot run soon are refused
 * instead of piling up. Known sources have a queue of their own and most of the turns, so that they are served however
 * many other tasks arrive. They are fair to each other in the same way.
 */
export class HashQueue {
  readonly #known: FairQueue<Waiting>;
  readonly #others: FairQueue<Waiting>;
  /** Turns of known sources since the last turn of the others. */
  #knownTurns = 0;
  #running = 0;
  #lastRun = 0;

  /** Receives all events from now on. */
  observer: HashQueueObserver | null = null;

  constructor(private readonly limits: HashQueueLimits) {
    this.#known = new FairQueue(limits.queueLimit);
    this.#others = new FairQueue(limits.queueLimit);
  }

  /** How many tasks wait. */
  get depth(): number {
    return this.#known.size + this.#others.size;
  }

  /** Number of flows with waiting tasks. */
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
   * Takes as long as a task of an unknown source that arrives now, estimated by the latest task, or fails as that task
   * would, and computes nothing. It takes no room, so any number of these calls never causes the refusal of a task.
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

  /** Passes the turn of the finished task on. */
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
