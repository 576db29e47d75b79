/** How long verifications take when nothing else runs, by the cost of their hashes (see `costOf`), in milliseconds. */
export class VerificationTimes {
  readonly #fastest = new Map<string, number>();

  get slowest(): number {
    return Math.max(0, ...this.#fastest.values());
  }

  of(cost: string): number | null {
    return this.#fastest.get(cost) ?? null;
  }

  /** The fastest is kept, because others may use the machine meanwhile. */
  observe(cost: string, duration: number): void {
    this.#fastest.set(cost, Math.min(duration, this.of(cost) ?? Infinity));
  }

  /** Forgets all other costs. */
  keepOnly(costs: ReadonlySet<string>): void {
    for (const cost of this.#fastest.keys()) if (!costs.has(cost)) this.#fastest.delete(cost);
  }
}
