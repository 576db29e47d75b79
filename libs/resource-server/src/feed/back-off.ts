/** Waits that double from one failure to the next, each cut by chance so that many do not come back at once. */
export class BackOff {
  #failures = 0;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** @returns milliseconds: from half of what this failure is worth to all of it */
  next(): number {
    const full = Math.min(this.longestMs, this.firstMs * 2 ** this.#failures++);
    return full * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
