import { Injectable } from '@nestjs/common';
import type { Change } from './change.js';
import { ReceivedChanges } from './received-changes.js';
import { CoherentCache, type CoherentCacheOptions } from './coherent-cache.js';

interface CacheOptions extends CoherentCacheOptions {
  /** The key that a change invalidates; `null`: none. */
  readonly invalidatedBy: (change: Change) => string | null;
}

/** The part of a cache that does not depend on the type of its values. */
type AnyCache = Pick<CoherentCache<object>, 'name' | 'size' | 'requests' | 'invalidate' | 'clear'>;

/** Creates the caches of this server and invalidates them by the changes of all servers. */
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
