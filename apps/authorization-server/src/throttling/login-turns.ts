import { HashQueueFullError } from '../passwords/hash-queue.js';
import type { Admission } from './throttle-repository.js';

/** Milliseconds until the next request for a place, because attempts at other servers may have ended. */
const ASK_AGAIN_MS = 50;

/** Per bucket. Waiting attempts use no connection to the database, but each keeps a request open. */
const MAX_WAITING = 1000;

/** All places of the account are taken by attempts in flight. The request may be repeated (HTTP 503 as well). */
export class NoTurnError extends HashQueueFullError {}

interface Waiting {
  /** Asks for a place again. */
  readonly ask: () => Promise<Admission>;
  readonly until: number;
  readonly deadline: NodeJS.Timeout;
  readonly resolve: (admission: Admission) => void;
  readonly reject: (error: unknown) => void;
}

interface Line {
  readonly waiting: Waiting[];
  /** Whether the first attempt is asking the database. */
  asking: boolean;
  /** Whether the first attempt should ask as soon as possible. */
  due: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The attempts that wait for a place in a full bucket. For each bucket only the first one asks the database again:
 * whenever an attempt of this process has ended, and periodically for attempts of other processes.
 */
export class LoginTurns {
  readonly #lines = new Map<string, Line>();

  /**
   * Waits until there may be room, and asks for a place again.
   *
   * @param bucket that is full
   * @param until by `performance.now()`
   * @returns the answer, which may be that another bucket is full
   * @throws NoTurnError at the deadline, or when too many wait
   */
  async wait(bucket: Buffer, ask: () => Promise<Admission>, until: number): Promise<Admission> {
    const key = bucket.toString('hex');
    const line = this.#lines.get(key) ?? { waiting: [], asking: false, due: false, timer: undefined };
    if (line.waiting.length >= MAX_WAITING) throw new NoTurnError('too many logins of one account wait');
    this.#lines.set(key, line);
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        const place = line.waiting.indexOf(waiting);
        // This attempt is asking the database right now: a place that it gets must not be lost.
        if (place === -1) return;
        line.waiting.splice(place, 1);
        reject(lateError());
      };
      const deadline = setTimeout(giveUp, Math.max(0, until - performance.now()));
      const waiting: Waiting = { ask, until, deadline, resolve, reject };
      line.waiting.push(waiting);
      line.timer ??= this.#askLater(key, line);
    });
  }

  /** An attempt in the bucket has ended. */
  ended(bucket: Buffer): void {
    const key = bucket.toString('hex');
    const line = this.#lines.get(key);
    if (line !== undefined) void this.#ask(key, line);
  }

  #askLater(key: string, line: Line): NodeJS.Timeout {
    return setTimeout(() => void this.#ask(key, line), ASK_AGAIN_MS);
  }

  async #ask(key: string, line: Line): Promise<void> {
    line.due = true;
    if (line.asking) return;
    line.asking = true;
    clearTimeout(line.timer);
    while (line.due) {
      line.due = false;
      const first = line.waiting.shift();
      if (first !== undefined) line.due = (await this.#askFor(first, key, line)) || line.due;
    }
    line.asking = false;
    line.timer = line.waiting.length > 0 ? this.#askLater(key, line) : undefined;
    if (line.waiting.length === 0) this.#lines.delete(key);
  }

  /** @returns whether the next attempt may ask */
  async #askFor(first: Waiting, key: string, line: Line): Promise<boolean> {
    const admission = await first.ask().catch((error: unknown) => {
      settle(first, () => first.reject(error));
      return null;
    });
    if (admission?.state === 'full' && admission.key.toString('hex') === key) {
      if (performance.now() < first.until) line.waiting.unshift(first);
      else settle(first, () => first.reject(lateError()));
      return false;
    }
    if (admission === null) return true;
    settle(first, () => first.resolve(admission));
    // The delay applies to all of them, unless their source has its own bucket by now, so each one asks.
    if (admission.state === 'throttled') {
      for (const waiting of line.waiting.splice(0)) {
        settle(waiting, () => waiting.ask().then(waiting.resolve, waiting.reject));
      }
    }
    return true;
  }
}

function settle({ deadline }: Waiting, how: () => unknown): void {
  clearTimeout(deadline);
  how();
}

function lateError(): NoTurnError {
  return new NoTurnError('other logins of the account did not end before the deadline');
}
