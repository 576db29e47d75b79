/**
 * A point in time whose age is never underestimated: it uses the larger age of two clocks, because the monotonic clock
 * may stop while the machine sleeps, and the other one may be set.
 */
export class Moment {
  readonly #monotonic = performance.now();
  readonly #wall = Date.now();

  /** In milliseconds. */
  age(): number {
    return Math.max(performance.now() - this.#monotonic, Date.now() - this.#wall);
  }
}
