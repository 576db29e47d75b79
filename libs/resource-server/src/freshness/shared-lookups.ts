interface Lookup<T> {
  readonly answer: Promise<T>;
  readonly startedAt: number;
  /** The one that follows it, for those who came too late for it. */
  next: Promise<T> | null;
}

/**
 * Look-ups that are on their way, so that many requests with one token ask once. A request shares a look-up only when
 * what it may miss is allowed to be missed; else it waits for the one that follows, which all who wait share, and which
 * was asked after they came.
 */
export class SharedLookups<T> {
  readonly #lookups = new Map<string, Lookup<T>>();

  /**
   * @param maxAgeMs how old a look-up may be that is shared
   * @param onShared is told of each request that does not ask itself
   */
  constructor(
    private readonly maxAgeMs: number,
    private readonly onShared: () => void,
  ) {}

  get size(): number {
    return this.#lookups.size;
  }

  /**
   * @param since look-ups that started before are not shared
   * @throws whatever the look-up throws; a failure is everybody's who waits, so that nobody asks again at once
   */
  share(key: string, since: number, look: () => Promise<T>): Promise<T> {
    const current = this.#lookups.get(key);
    if (current === undefined) return this.#start(key, look);
    this.onShared();
    const isYoung = performance.now() - current.startedAt < this.maxAgeMs;
    if (isYoung && current.startedAt > since) return current.answer;
    current.next ??= current.answer.then(() => this.#start(key, look));
    return current.next;
  }

  #start(key: string, look: () => Promise<T>): Promise<T> {
    const lookup: Lookup<T> = { answer: look(), startedAt: performance.now(), next: null };
    this.#lookups.set(key, lookup);
    const end = (): void => {
      if (this.#lookups.get(key) === lookup) this.#lookups.delete(key);
    };
    lookup.answer.then(end, end);
    return lookup.answer;
  }
}
