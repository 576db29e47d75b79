import type { RevocationFeed } from '../feed/revocation-feed.js';
import { FreshnessStatus, type FeedState, type FreshnessCounters } from '../feed/freshness-status.js';
import type { TokenMemory } from './token-memory.js';

export class MemoryStatus extends FreshnessStatus {
  constructor(
    private readonly feed: RevocationFeed | null,
    private readonly memories: readonly TokenMemory[],
    readonly counters: Readonly<FreshnessCounters>,
  ) {
    super();
  }

  get feedState(): FeedState {
    return this.feed?.state ?? 'off';
  }

  get feedAgeMs(): number | null {
    const freshAt = this.feed?.freshAt ?? -Infinity;
    return freshAt === -Infinity ? null : performance.now() - freshAt;
  }

  get rememberedTokens(): number {
    return sum(this.memories.map(({ size }) => size));
  }

  get tombstones(): number {
    return sum(this.memories.map(({ tombstones }) => tombstones));
  }

  onFeedStateChange(listener: (state: FeedState) => void): () => void {
    return this.feed?.onStateChange(listener) ?? (() => undefined);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
