import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { FEED_EVENT_NAMES, type FeedEventName } from './feed-event.js';

/** What happened when a stream exceeded the limit: another stream was ended for it, or it was refused. */
type StreamOutcome = 'ended' | 'refused';

@Injectable()
export class FeedMetrics {
  readonly #listeners: Gauge;
  readonly #events: Counter;
  readonly #beyond: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#listeners = new Gauge({
      name: 'latchkey_feed_listeners',
      help: 'Open streams of the revocation feed',
      registers,
    });
    this.#events = new Counter({
      name: 'latchkey_feed_events_total',
      help: `Events sent over all streams of the revocation feed, by kind: ${FEED_EVENT_NAMES.join(', ')}`,
      labelNames: ['kind'],
      registers,
    });
    this.#beyond = new Counter({
      name: 'latchkey_feed_streams_beyond_limit_total',
      help: 'Streams beyond the limit by what became of them: ended, one of the client with most was ended for it, or refused',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['ended', 'refused']) this.#beyond.inc({ outcome }, 0);
    for (const kind of FEED_EVENT_NAMES) this.#events.inc({ kind }, 0);
  }

  readonly sent = (kind: FeedEventName): void => this.#events.inc({ kind });

  listening(streams: number): void {
    this.#listeners.set(streams);
  }

  beyondLimit(outcome: StreamOutcome): void {
    this.#beyond.inc({ outcome });
  }
}
