import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PasswordHasher } from '../passwords/password-hasher.js';

const DURATIONS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4];

/** How busy the threads are that hash passwords: the first thing that a storm of logins uses up. */
@Injectable()
export class HashPoolMetrics {
  constructor(hasher: PasswordHasher, registry: Registry) {
    const registers = [registry];
    new Gauge({
      name: 'latchkey_hash_queue_depth',
      help: 'Passwords that wait for a thread',
      registers,
      collect() {
        this.set(hasher.load.waiting);
      },
    });
    new Gauge({
      name: 'latchkey_hash_pool_running',
      help: 'Passwords that are being hashed or verified',
      registers,
      collect() {
        this.set(hasher.load.running);
      },
    });
    const waits = new Histogram({
      name: 'latchkey_hash_queue_wait_seconds',
      help: 'How long a password waited for a thread',
      buckets: [0, ...DURATIONS],
      registers,
    });
    const runs = new Histogram({
      name: 'latchkey_hash_run_seconds',
      help: 'How long a thread took for a password',
      buckets: DURATIONS,
      registers,
    });
    const refusals = new Counter({
      name: 'latchkey_hash_queue_refusals_total',
      help: 'Passwords that were refused a place: the queue was full, or the wait exceeded the deadline',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['full', 'deadline']) refusals.inc({ reason }, 0);
    hasher.observeQueue({
      started: (waited) => waits.observe(waited),
      ended: (ran) => runs.observe(ran),
      refused: (reason) => refusals.inc({ reason }),
    });
  }
}
