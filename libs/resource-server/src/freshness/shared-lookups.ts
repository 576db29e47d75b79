interface Lookup<T> {
  readonly answer: Promise<T>;
  readonly startedAt: number;
  /** The look-up that follows it, for requests that cannot share this one. */
  next: Promise<T> | null;
}

/**
 * Running look-ups, so that many requests with one token cause a single look-up. A request shares a running look-up
 * only if an answer of that age is allowed. Otherwise it waits for the next look-up, which starts later and which all
 * waiting requests share.
 */
export class SharedLookups<T> {
  readonly #lookups = new Map<string, Lookup<T>>();

  /**
   * @param maxAgeMs maximum age of a shared look-up
   * @param onShared called for each request that shares a look-up
   */
  constructor(
    private readonly maxAgeMs: number,
    private readonly onShared: () => void,
  ) {}

  /**
   * @param since look-ups that started before are not shared
   * @throws whatever the look-up throws; all requests that share it fail, without another look-up
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
