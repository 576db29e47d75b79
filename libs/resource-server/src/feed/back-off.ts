/** Delays that double with each failure, randomly shortened so that many clients do not reconnect at the same time. */
export class BackOff {
  #failures = 0;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {}

  /** @returns milliseconds, between half of the full delay and the full delay */
  next(): number {
    const full = Math.min(this.longestMs, this.firstMs * 2 ** this.#failures++);
    return full * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
