import { Injectable } from '@nestjs/common';
import type { Change } from './change.js';
import { Changes } from './changes.js';
import { CoherentCache, type CoherentCacheOptions } from './coherent-cache.js';

interface CacheOptions<V> extends CoherentCacheOptions<V> {
  /** What a change invalidates; `null`: nothing. */
  readonly invalidatedBy: (change: Change) => string | null;
}

/** Makes the caches of this server, which follow what any server changes. */
@Injectable()
export class Caches {
  readonly #all: CoherentCache<unknown>[] = [];

  constructor(private readonly changes: Changes) {}

  get all(): readonly CoherentCache<unknown>[] {
    return this.#all;
  }

  create<V>({ invalidatedBy, ...options }: CacheOptions<V>): CoherentCache<V> {
    const cache = new CoherentCache<V>(this.changes, options);
    this.#all.push(cache as CoherentCache<unknown>);
    this.changes.subscribe({
      changed(change) {
        const identity = invalidatedBy(change);
        if (identity !== null) cache.invalidate(identity);
      },
      missed: () => cache.clear(),
    });
    return cache;
  }
}
