import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Caches } from './caches.js';
import { ReceivedChanges } from './received-changes.js';

/** Size, requests and state of the caches. Read only when metrics are scraped, so look-ups cost nothing more. */
@Injectable()
export class CacheMetrics {
  constructor(registry: Registry, caches: Caches, changes: ReceivedChanges) {
    const registers = [registry];
    new Counter({
      name: 'latchkey_cache_requests_total',
      help: 'Look-ups by cache and result: hit, miss, or bypass while changes are not received',
      labelNames: ['cache', 'result'],
      registers,
      collect() {
        this.reset();
        for (const { name: cache, requests } of caches.all) {
          for (const [result, count] of Object.entries(requests)) this.inc({ cache, result }, count);
        }
      },
    });
    new Gauge({
      name: 'latchkey_cache_entries',
      help: 'Values that a cache holds',
      labelNames: ['cache'],
      registers,
      collect() {
        for (const { name: cache, size } of caches.all) this.set({ cache }, size);
      },
    });
    new Gauge({
      name: 'latchkey_database_hears',
      help: '1 while this server receives every change of its database, 0 while it does not and caches nothing',
      registers,
      collect() {
        this.set(changes.inSync ? 1 : 0);
      },
    });
  }
}
