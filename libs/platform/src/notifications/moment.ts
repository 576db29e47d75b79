/**
 * A point in time whose age is never taken for less than it is: by the larger of two clocks, because the monotonic one
 * may stand still while the machine does, and the other one may be set.
 */
export class Moment {
  readonly #monotonic = performance.now();
  readonly #wall = Date.now();

  /** In milliseconds. */
  age(): number {
    return Math.max(performance.now() - this.#monotonic, Date.now() - this.#wall);
  }
}
