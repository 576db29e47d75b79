import { Inject, Injectable } from '@nestjs/common';
import { RepeatedWarning } from '@latchkey/platform/logging';
import type { Logger } from 'pino';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { LOGGER } from '../config/config.token.js';
import { HASH_REFUSALS } from '../passwords/hash-queue.js';
import { HASH_LANES, PasswordHasher } from '../passwords/password-hasher.js';

const DURATIONS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4];

/** The load of the threads that hash passwords, which are the first bottleneck in a flood of logins. */
@Injectable()
export class HashPoolMetrics {
  constructor(hasher: PasswordHasher, registry: Registry, @Inject(LOGGER) logger: Logger) {
    const warning = new RepeatedWarning(logger, 'a password got no turn in the hash queue');
    const registers = [registry];
    const labelNames = ['lane'];
    new Gauge({
      name: 'latchkey_hash_queue_depth',
      help: 'Passwords that wait for a thread',
      labelNames,
      registers,
      collect() {
        for (const lane of HASH_LANES) this.set({ lane }, hasher.load(lane).waiting);
      },
    });
    new Gauge({
      name: 'latchkey_hash_queue_flows',
      help: 'Clients and sources whose passwords wait for a thread',
      labelNames,
      registers,
      collect() {
        for (const lane of HASH_LANES) this.set({ lane }, hasher.load(lane).flows);
      },
    });
    new Gauge({
      name: 'latchkey_hash_pool_running',
      help: 'Passwords that are being hashed or verified',
      labelNames,
      registers,
      collect() {
        for (const lane of HASH_LANES) this.set({ lane }, hasher.load(lane).running);
      },
    });
    const waits = new Histogram({
      name: 'latchkey_hash_queue_wait_seconds',
      help: 'How long a password waited for a thread',
      buckets: [0, ...DURATIONS],
      labelNames,
      registers,
    });
    const runs = new Histogram({
      name: 'latchkey_hash_run_seconds',
      help: 'How long a thread took for a password',
      buckets: DURATIONS,
      labelNames,
      registers,
    });
    const refusals = new Counter({
      name: 'latchkey_hash_queue_refusals_total',
      help: 'Passwords that were not verified: the queue was full, they were pushed out of it by a client or source that had less in it, or the wait exceeded the deadline; by whether the source had logged in to the account before',
      labelNames: ['lane', 'reason', 'source'],
      registers,
    });
    for (const lane of HASH_LANES) {
      for (const reason of HASH_REFUSALS)
        for (const source of ['known', 'unknown']) refusals.inc({ lane, reason, source }, 0);
      hasher.observeQueue(lane, {
        started: (waited) => waits.observe({ lane }, waited),
        ended: (ran) => runs.observe({ lane }, ran),
        refused: (reason, { client, source, known }) => {
          refusals.inc({ lane, reason, source: known ? 'known' : 'unknown' });
          warning.happened(() => ({ lane, reason, client, source, known }));
        },
      });
    }
  }
}
