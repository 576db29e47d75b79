import { Injectable } from '@nestjs/common';
import { FreshnessStatus, type FeedState, type FreshnessCounters } from '@latchkey/resource-server';
import { Counter, Gauge, Registry } from 'prom-client';

const STATES: readonly FeedState[] = ['live', 'degraded', 'down', 'off'];

/** The outcomes of token checks, by the names of the guard's counters. */
const OUTCOMES: Readonly<Record<keyof FreshnessCounters, string>> = {
  hits: 'hit',
  negativeHits: 'negative_hit',
  introspections: 'introspection',
  shared: 'shared',
  validations: 'validation',
  refusedByFeed: 'refused_by_feed',
  evictions: 'eviction',
  crowdedOut: 'crowded_out',
  feedEvents: 'feed_event',
  feedConnections: 'feed_connection',
};

/** Shows operators how fresh the guard's data are. */
@Injectable()
export class FreshnessMetrics {
  constructor(registry: Registry, status: FreshnessStatus) {
    const registers = [registry];
    new Gauge({
      name: 'latchkey_guard_feed_state',
      help: 'State of the revocation feed: 1 for the one it is in.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of STATES) this.set({ state }, status.feedState === state ? 1 : 0);
      },
    });
    new Gauge({
      name: 'latchkey_guard_feed_age_seconds',
      help: 'Time since the revocation feed was last known to be complete; absent while it never was.',
      registers,
      collect() {
        this.reset();
        if (status.feedAgeMs === null) this.remove();
        else this.set(status.feedAgeMs / 1000);
      },
    });
    new Gauge({
      name: 'latchkey_guard_remembered',
      help: 'What the guard remembers: good tokens, and revocations and changes that the feed sent.',
      labelNames: ['what'],
      registers,
      collect() {
        this.set({ what: 'tokens' }, status.rememberedTokens);
        this.set({ what: 'revocations' }, status.tombstones);
      },
    });
    new Counter({
      name: 'latchkey_guard_events_total',
      help: 'What the guard did: requests answered from memory, questions, local validations, events of the feed.',
      labelNames: ['event'],
      registers,
      collect() {
        this.reset();
        for (const [counter, event] of Object.entries(OUTCOMES))
          this.inc({ event }, status.counters[counter as keyof FreshnessCounters]);
      },
    });
  }
}
