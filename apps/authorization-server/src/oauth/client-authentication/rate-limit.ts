/** So many seconds' worth of requests may come at once. */
const BURST_MS = 2000;

/** Beyond this the oldest are forgotten. A forgotten key has its whole budget again. */
const MAX_KEYS = 10_000;

/** Lets each key do something so many times a second, in the memory of this server. */
export class RateLimit {
  /** When the budget of a key is whole again; those that were used last are at the end. */
  readonly #wholeAt = new Map<string, number>();

  constructor(private readonly perSecond: number) {}

  /**
   * Takes one from the budget of a key, if there is one.
   *
   * @param now milliseconds, of any clock that does not go back
   * @returns how long to wait until there is one again, in milliseconds; 0: it was taken
   */
  take(key: string, now: number): number {
    const wholeAt = Math.max(this.#wholeAt.get(key) ?? now, now) + 1000 / this.perSecond;
    const wait = wholeAt - now - BURST_MS;
    if (wait > 0) return wait;
    this.#wholeAt.delete(key);
    if (this.#wholeAt.size >= MAX_KEYS) this.#forgetOldest();
    this.#wholeAt.set(key, wholeAt);
    return 0;
  }

  #forgetOldest(): void {
    const [oldest] = this.#wholeAt.keys();
    if (oldest !== undefined) this.#wholeAt.delete(oldest);
  }
}
