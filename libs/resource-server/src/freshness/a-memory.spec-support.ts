import { jest } from '@jest/globals';
import { ConsoleLogger } from '@nestjs/common';
import { newCounters, type FreshnessCounters } from '../feed/freshness-status.js';
import type { MemorySettings } from '../options/freshness-settings.js';
import { TokenMemory, type Coverage, type Freshness } from './token-memory.js';
import { SETTLING_MS } from './tombstones.js';

/** The longest lifetime of a token, as the feed announces it. */
export const LIFETIME_MS = 300_000;

/** How long a change is kept: a margin for clocks that differ is added to the lifetime. */
export const KEPT_MS = LIFETIME_MS + 60_000;

/** How far the feed can be relied on, as a test sets it. */
class FeedFreshness implements Freshness {
  usableUntil = Infinity;
  liveUntil = Infinity;
  now: number | null = null;

  serverTime(): number | null {
    return this.now;
  }
}

interface Parts extends Partial<MemorySettings> {
  coverage?: Coverage;
  onRestart?: () => void;
}

interface MemoryParts {
  readonly memory: TokenMemory;
  readonly freshness: FeedFreshness;
  readonly counters: FreshnessCounters;
}

/** A memory before the first stream of its feed. */
export function aMemory({ coverage = 'by-feed', onRestart, ...settings }: Parts = {}): MemoryParts {
  const freshness = new FeedFreshness();
  const counters = newCounters();
  const all: MemorySettings = {
    maxEntries: 10,
    maxNegativeEntries: 10,
    negativeTtlMs: 2000,
    ttlMs: Infinity,
    maxTombstones: 10,
    sessionsNeededMs: Infinity,
    ...settings,
  };
  const memory = new TokenMemory(all, coverage, counters, () => freshness, onRestart);
  return { memory, freshness, counters };
}

/** A memory whose stream began so long ago that every replica knows what happened before. Needs fake timers. */
export function aSettledMemory(parts: Parts = {}): MemoryParts {
  const made = aMemory(parts);
  made.memory.restart(LIFETIME_MS, null, null);
  jest.advanceTimersByTime(SETTLING_MS + 1);
  return made;
}

/** What is logged as a warning from now on, with its context. */
export function recordedWarnings(): unknown[][] {
  const warnings: unknown[][] = [];
  jest.spyOn(ConsoleLogger.prototype, 'warn').mockImplementation((...words: unknown[]) => {
    warnings.push(words);
  });
  return warnings;
}
