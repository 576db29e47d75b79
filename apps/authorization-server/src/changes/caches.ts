import { Injectable } from '@nestjs/common';
import type { Change } from './change.js';
import { ReceivedChanges } from './received-changes.js';
import { CoherentCache, type CoherentCacheOptions } from './coherent-cache.js';

interface CacheOptions extends CoherentCacheOptions {
  /** The key that a change invalidates; `null`: none. */
  readonly invalidatedBy: (change: Change) => string | null;
}

/** What can be asked of a cache whatever it holds. */
type AnyCache = Pick<CoherentCache<object>, 'name' | 'size' | 'requests' | 'invalidate' | 'clear'>;

/** Makes the caches of this server, which follow what any server changes. */
@Injectable()
export class Caches {
  readonly #all: AnyCache[] = [];

  constructor(private readonly changes: ReceivedChanges) {}

  get all(): readonly AnyCache[] {
    return this.#all;
  }

  create<V extends object>({ invalidatedBy, ...options }: CacheOptions): CoherentCache<V> {
    const cache = new CoherentCache<V>(this.changes, options);
    this.#all.push(cache);
    this.changes.subscribe({
      changed(change) {
        const key = invalidatedBy(change);
        if (key !== null) cache.invalidate(key);
      },
      missed: () => cache.clear(),
    });
    return cache;
  }
}
