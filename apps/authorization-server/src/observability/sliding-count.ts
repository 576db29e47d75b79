const SLICES = 10;

/** Counts events in a sliding window of ten slices: events up to one slice too old may still be counted. */
export class SlidingCount {
  readonly #counts = new Array<number>(SLICES).fill(0);
  #slice = 0;

  /** @param window in milliseconds */
  constructor(private readonly window: number) {}

  add(now: number): void {
    this.#advance(now);
    const index = this.#slice % SLICES;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  total(now: number): number {
    this.#advance(now);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Clears the slices that have begun since. After the clock was set back, nothing changes until it catches up. */
  #advance(now: number): void {
    const slice = Math.floor(now / (this.window / SLICES));
    if (slice - this.#slice >= SLICES) this.#counts.fill(0);
    else for (let passed = this.#slice + 1; passed <= slice; passed++) this.#counts[passed % SLICES] = 0;
    this.#slice = Math.max(slice, this.#slice);
  }
}
