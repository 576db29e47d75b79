import { setTimeout as pause } from 'node:timers/promises';
import { StorageUnavailableError } from './storage-unavailable.js';
import { Turns, type TurnRefusal } from './turns.js';

/** Per name. Waiting transactions have no connection, but each keeps a request open. */
const MAX_WAITING = 1000;

/** Milliseconds until another process's lock is tried again; randomly up to twice as long, so that two take turns. */
const TRY_AGAIN_MS = 35;

/** A transaction needs a lock that is in use: it rolls back, waits without a connection, and starts again. */
export class LockInUseError extends Error {
  override readonly name = 'LockInUseError';

  constructor(
    readonly lock: string,
    /** False: by another transaction of this process. */
    readonly byAnotherProcess: boolean,
  ) {
    super(`The lock ${lock} is in use`);
  }
}

/** The locks of a process. Transactions wait for them in memory, without a connection to the database. */
export class NamedLocks {
  readonly #turns = new Map<string, Turns>();

  constructor(private readonly onRefused: (reason: TurnRefusal) => void) {}

  get waiting(): number {
    let waiting = 0;
    for (const turns of this.#turns.values()) waiting += turns.waiting;
    return waiting;
  }

  /** For one transaction. */
  begin(deadlineMs: number): HeldLocks {
    return new HeldLocks(this, performance.now() + deadlineMs);
  }

  of(name: string): Turns {
    const found = this.#turns.get(name);
    if (found !== undefined) return found;
    const { onRefused } = this;
    const turns = new Turns({ name: `the lock ${name}`, places: 1, maxWaiting: MAX_WAITING, onRefused });
    this.#turns.set(name, turns);
    return turns;
  }

  leave(name: string): void {
    const turns = this.of(name);
    turns.leave();
    if (turns.taken === 0) this.#turns.delete(name);
  }

  /** @throws StorageUnavailableError after the deadline */
  assertInTime(name: string, until: number): void {
    if (performance.now() < until) return;
    this.onRefused('deadline');
    throw new StorageUnavailableError(new Error(`waited too long for the lock ${name} of another process`));
  }
}

/** The locks that a transaction holds, across all its attempts. */
export class HeldLocks {
  readonly #held = new Set<string>();

  constructor(
    private readonly locks: NamedLocks,
    /** By `performance.now()`. */
    private readonly until: number,
  ) {}

  /** In the order in which to take them. */
  get names(): readonly string[] {
    return [...this.#held].sort();
  }

  /** @throws LockInUseError */
  take(name: string): void {
    if (this.#held.has(name)) return;
    if (!this.locks.of(name).tryEnter()) throw new LockInUseError(name, false);
    this.#held.add(name);
  }

  /**
   * Waits until the lock may be free. It is then held in this process, so that only one transaction of each process
   * asks the database for it.
   *
   * @throws StorageUnavailableError when that takes too long, or too many wait
   */
  async waitFor({ lock, byAnotherProcess }: LockInUseError): Promise<void> {
    if (byAnotherProcess) {
      this.locks.assertInTime(lock, this.until);
      await pause(TRY_AGAIN_MS * (1 + Math.random()));
      return;
    }
    const names = [...this.#held, lock].sort();
    // A waiting transaction holds only locks that come earlier in the order of names, so there is no deadlock.
    this.release();
    for (const name of names) {
      await this.locks.of(name).enter(Math.max(0, this.until - performance.now()));
      this.#held.add(name);
    }
  }

  release(): void {
    for (const name of this.#held) this.locks.leave(name);
    this.#held.clear();
  }
}
