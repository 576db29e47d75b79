import { Logger } from '@nestjs/common';
import type { FeedState } from './freshness-status.js';

/** Calls subscribers once for each change. If one throws or rejects, neither the feed nor the process ends. */
export class StateChanges {
  readonly #logger = new Logger('ResourceServer');
  readonly #listeners = new Set<(state: FeedState) => void>();

  constructor(private last: FeedState) {}

  subscribe(listener: (state: FeedState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  update(state: FeedState): void {
    if (state === this.last) return;
    this.last = state;
    for (const listener of [...this.#listeners]) this.#notify(listener, state);
  }

  #notify(listener: (state: FeedState) => void, state: FeedState): void {
    new Promise<void>((resolve) => resolve(listener(state))).catch((error: unknown) =>
      this.#logger.error('A listener to the state of the revocation feed failed', error),
    );
  }
}
