import { setTimeout as pause } from 'node:timers/promises';
import { StorageUnavailableError } from './storage-unavailable.js';
import { Turns, type TurnRefusal } from './turns.js';

/** For one name. These wait without a connection, but each has a request open. */
const MAX_WAITING = 1000;

/** How soon to try again what another process has locked, in milliseconds; up to twice as much, so that two take turns. */
const TRY_AGAIN_MS = 35;

/** A unit of work came to a lock that somebody else has: it gives everything back, waits and begins anew. */
export class LockInUseError extends Error {
  override readonly name = 'LockInUseError';

  constructor(
    readonly lock: string,
    /** Or else by another unit of work of this one. */
    readonly byAnotherProcess: boolean,
  ) {
    super(`The lock ${lock} is in use`);
  }
}

/** The locks of a process, which its units of work wait for in memory, without a connection to the database. */
export class NamedLocks {
  readonly #turns = new Map<string, Turns>();

  constructor(private readonly onRefused: (reason: TurnRefusal) => void) {}

  get waiting(): number {
    let waiting = 0;
    for (const turns of this.#turns.values()) waiting += turns.waiting;
    return waiting;
  }

  /** For one unit of work. */
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

/** What a unit of work holds, over all its attempts. */
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
   * Waits until the lock may be free, and until then holds it in this process, so that only one unit of work of a process
   * asks the database.
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
    // Who waits holds only what comes before in the order of names, so that no two wait for each other.
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
