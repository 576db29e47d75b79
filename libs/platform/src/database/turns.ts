import { StorageUnavailableError } from './storage-unavailable.js';

/** Why a wait was refused. */
export type TurnRefusal = 'full' | 'deadline';

interface TurnsOptions {
  /** What is waited for, in messages. */
  readonly name: string;
  /** Number of places that can be taken at the same time. */
  readonly places: number;
  /** Maximum number of waiting callers; further ones are refused at once. */
  readonly maxWaiting: number;
  readonly onRefused?: (reason: TurnRefusal) => void;
}

/** A bounded number of places with a bounded queue: first in, first out, until a deadline. */
export class Turns {
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly options: TurnsOptions) {}

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place if one is free. It overtakes no waiting caller: a released place goes to the queue first. */
  tryEnter(): boolean {
    if (this.#taken >= this.options.places) return false;
    this.#taken++;
    return true;
  }

  /** @throws StorageUnavailableError when too many wait, or when there was no place before the deadline */
  async enter(deadlineMs: number): Promise<void> {
    if (this.tryEnter()) return;
    if (this.#waiting.size >= this.options.maxWaiting) throw this.#refused('full');
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(deadline);
        resolve();
      };
      const deadline = setTimeout(() => {
        this.#waiting.delete(begin);
        reject(this.#refused('deadline'));
      }, deadlineMs);
      this.#waiting.add(begin);
    });
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken--;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }

  #refused(reason: TurnRefusal): StorageUnavailableError {
    const { name, onRefused } = this.options;
    onRefused?.(reason);
    const why = reason === 'full' ? 'too many wait for' : 'waited too long for';
    return new StorageUnavailableError(new Error(`${why} ${name}`));
  }
}
