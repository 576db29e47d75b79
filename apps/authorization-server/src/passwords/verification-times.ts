/**
 * How long verifications take without other load, in milliseconds, by the cost of their hashes (see `costOf`). A time
 * is estimated from the work until a verification was observed, so nothing has to be verified for measuring.
 */
export class VerificationTimes {
  readonly #fastest = new Map<string, number>();
  #work = new Map<string, number>();

  /** Whether this cost is expected. */
  knows(cost: string): boolean {
    return this.#work.has(cost);
  }

  /** @returns `null` before a verification was observed */
  of(cost: string): number | null {
    return this.#fastest.get(cost) ?? null;
  }

  /** @param msPerWork milliseconds that one unit of estimated work takes on this machine */
  slowest(msPerWork: number): number {
    let slowest = 0;
    for (const time of this.#fastest.values()) slowest = Math.max(slowest, time);
    for (const [cost, work] of this.#work) {
      if (!this.#fastest.has(cost)) slowest = Math.max(slowest, work * msPerWork);
    }
    return slowest;
  }

  /** Keeps the fastest time, because other processes may use the machine. */
  observe(cost: string, duration: number): void {
    this.#fastest.set(cost, Math.min(duration, this.of(cost) ?? Infinity));
  }

  /** Hashes of this cost may have to be verified. @param work estimated, see `workOf` */
  expect(cost: string, work: number): void {
    this.#work.set(cost, work);
  }

  /** As {@link expect}, and forgets all other costs. @param work by cost */
  expectOnly(work: ReadonlyMap<string, number>): void {
    this.#work = new Map(work);
    for (const cost of this.#fastest.keys()) if (!work.has(cost)) this.#fastest.delete(cost);
  }
}
