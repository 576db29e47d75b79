import type { FeedState } from '../freshness/freshness-status.js';

/** Tells subscribers of each change, once. */
export class StateChanges {
  readonly #listeners = new Set<(state: FeedState) => void>();

  constructor(private last: FeedState) {}

  subscribe(listener: (state: FeedState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  update(state: FeedState): void {
    if (state === this.last) return;
    this.last = state;
    for (const listener of this.#listeners) listener(state);
  }
}
