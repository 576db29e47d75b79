/** Whether everything that invalidates is heard. */
export interface Hearing {
  readonly hears: boolean;
}

export interface CoherentCacheOptions<V> {
  /** For metrics. */
  readonly name: string;
  /** A bound on what is remembered. */
  readonly maxEntries: number;
  /** What a value is invalidated by; the names that it is found under may be others. */
  readonly identify: (value: V) => string;
}

interface Entry<V> {
  readonly identity: string;
  readonly value: V;
  /** Whether it was asked for since it was last considered for eviction. */
  used: boolean;
}

/** Something being read, and what was invalidated since the reading began. */
interface Load<V> {
  readonly changed: Set<string>;
  cleared: boolean;
  /** Whether changes were heard when it began: else some may have been missed while it was read. */
  heard: boolean;
  promise: Promise<V | null>;
}

/** A value may be invalidated while it is read, again and again; then the last reading is the answer to who asked. */
const MAX_READINGS = 3;

/** How many that are in use are passed over, at most, to find one that is not. */
const MAX_CHANCES = 20;

/**
 * Remembers what was read, until somebody says that it changed. A reading that was under way at that moment is thrown
 * away, because nobody knows which state it saw: it is neither remembered, nor joined by those who ask from then on.
 * That there is no such thing is not remembered, so that made-up names displace nothing.
 */
export class CoherentCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  /** The names that a value is remembered under, by what invalidates it, where that is not the name itself. */
  readonly #names = new Map<string, Set<string>>();
  readonly #loads = new Set<Load<V>>();
  readonly #joinable = new Map<string, Load<V>>();
  #hits = 0;
  #misses = 0;
  #bypasses = 0;

  constructor(
    private readonly hearing: Hearing,
    private readonly options: CoherentCacheOptions<V>,
  ) {}

  get name(): string {
    return this.options.name;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `bypass`: asked while the changes were not heard. */
  get requests(): { hit: number; miss: number; bypass: number } {
    return { hit: this.#hits, miss: this.#misses, bypass: this.#bypasses };
  }

  /** What is remembered, for who goes on to {@link find} without it; it counts as a request only where there is one. */
  recall(name: string): V | null {
    const entry = this.hearing.hears ? this.#entries.get(name) : undefined;
    if (entry === undefined) return null;
    this.#hits++;
    entry.used = true;
    return entry.value;
  }

  /** @param read reads the value from the database */
  async find(name: string, read: () => Promise<V | null>): Promise<V | null> {
    if (!this.hearing.hears) {
      this.#bypasses++;
      return read();
    }
    return this.recall(name) ?? this.#read(name, read);
  }

  /** Reads it even if it is remembered, which takes exactly as long as to find that there is no such thing. */
  async reread(name: string, read: () => Promise<V | null>): Promise<V | null> {
    if (this.hearing.hears) return this.#read(name, read);
    this.#bypasses++;
    return read();
  }

  async #read(name: string, read: () => Promise<V | null>): Promise<V | null> {
    this.#misses++;
    const running = this.#joinable.get(name);
    if (running?.heard === true && !running.cleared && running.changed.size === 0) return running.promise;
    return this.#begin(name, read).promise;
  }

  invalidate(identity: string): void {
    for (const load of this.#loads) load.changed.add(identity);
    this.#entries.delete(identity);
    for (const name of this.#names.get(identity) ?? []) this.#entries.delete(name);
    this.#names.delete(identity);
  }

  clear(): void {
    for (const load of this.#loads) load.cleared = true;
    this.#entries.clear();
    this.#names.clear();
  }

  #begin(name: string, read: () => Promise<V | null>): Load<V> {
    const load: Load<V> = {
      changed: new Set(),
      cleared: false,
      heard: false,
      promise: Promise.resolve(null),
    };
    this.#loads.add(load);
    this.#joinable.set(name, load);
    load.promise = this.#load(name, read, load).finally(() => {
      this.#loads.delete(load);
      if (this.#joinable.get(name) === load) this.#joinable.delete(name);
    });
    return load;
  }

  async #load(name: string, read: () => Promise<V | null>, load: Load<V>): Promise<V | null> {
    for (let reading = 1; ; reading++) {
      load.heard = this.hearing.hears;
      const value = await read();
      if (value === null) return null;
      const identity = this.options.identify(value);
      if (!load.cleared && !load.changed.has(identity)) {
        if (load.heard && this.hearing.hears) this.#remember(name, { identity, value, used: false });
        return value;
      }
      if (reading === MAX_READINGS) return value;
      load.cleared = false;
      load.changed.clear();
    }
  }

  #remember(name: string, entry: Entry<V>): void {
    this.#forget(name);
    while (this.#entries.size >= this.options.maxEntries) this.#evict();
    // One text is kept where both are the same.
    this.#entries.set(name === entry.identity ? entry.identity : name, entry);
    if (name === entry.identity) return;
    const names = this.#names.get(entry.identity);
    if (names === undefined) this.#names.set(entry.identity, new Set([name]));
    else names.add(name);
  }

  /** The oldest one that nobody has asked for since its last turn; after a few, any, because somebody waits. */
  #evict(): void {
    let chances = MAX_CHANCES;
    for (const [name, entry] of this.#entries) {
      if (!entry.used || chances-- === 0) {
        this.#forget(name);
        return;
      }
      entry.used = false;
      this.#entries.delete(name);
      this.#entries.set(name, entry);
    }
  }

  #forget(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    const names = this.#names.get(entry.identity);
    names?.delete(name);
    if (names?.size === 0) this.#names.delete(entry.identity);
  }
}
