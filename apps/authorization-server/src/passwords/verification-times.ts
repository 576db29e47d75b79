/**
 * How long verifications take when nothing else runs, in milliseconds, by the cost of their hashes (see `costOf`):
 * estimated from their work until one was observed, so that nothing has to be verified to find out.
 */
export class VerificationTimes {
  readonly #fastest = new Map<string, number>();
  #work = new Map<string, number>();

  /** Whether this cost is expected. */
  knows(cost: string): boolean {
    return this.#work.has(cost);
  }

  /** @returns `null` before one was observed */
  of(cost: string): number | null {
    return this.#fastest.get(cost) ?? null;
  }

  /** @param msPerWork what one unit of the estimates takes here */
  slowest(msPerWork: number): number {
    let slowest = 0;
    for (const time of this.#fastest.values()) slowest = Math.max(slowest, time);
    for (const [cost, work] of this.#work) {
      if (!this.#fastest.has(cost)) slowest = Math.max(slowest, work * msPerWork);
    }
    return slowest;
  }

  /** The fastest is kept, because others may use the machine meanwhile. */
  observe(cost: string, duration: number): void {
    this.#fastest.set(cost, Math.min(duration, this.of(cost) ?? Infinity));
  }

  /** Hashes of such a cost may have to be verified. @param work estimated, see `workOf` */
  expect(cost: string, work: number): void {
    this.#work.set(cost, work);
  }

  /** As {@link expect}; all other costs are forgotten. @param work by cost */
  expectOnly(work: ReadonlyMap<string, number>): void {
    this.#work = new Map(work);
    for (const cost of this.#fastest.keys()) if (!work.has(cost)) this.#fastest.delete(cost);
  }
}
