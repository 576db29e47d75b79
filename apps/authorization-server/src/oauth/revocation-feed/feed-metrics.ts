import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { FEED_EVENT_NAMES, type FeedEventName } from './feed-event.js';

@Injectable()
export class FeedMetrics {
  readonly #listeners: Gauge;
  readonly #events: Counter;

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
    for (const kind of FEED_EVENT_NAMES) this.#events.inc({ kind }, 0);
  }

  readonly sent = (kind: FeedEventName): void => this.#events.inc({ kind });

  listening(streams: number): void {
    this.#listeners.set(streams);
  }
}
