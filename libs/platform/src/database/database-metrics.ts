import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Database, DatabaseObserver } from './database.js';
import { WORK_CLASSES, type WorkClass } from './pool-gate.js';
import type { TurnRefusal } from './turns.js';

/** In seconds, from a statement of an embedded database to the time-out of one over the network. */
const DURATIONS = [0.00005, 0.00025, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The queues in which work waits, and which refuse work that waits too long. */
const QUEUES = [...WORK_CLASSES, 'locks'] as const;

/** Registers and records the metrics of a server's database. */
export class DatabaseMetrics implements DatabaseObserver {
  readonly #duration: Histogram;
  readonly #failures: Counter;
  readonly #units: Histogram;
  #refusals: Counter | null = null;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.#duration = new Histogram({
      name: 'latchkey_database_operation_duration_seconds',
      help: 'Time of a reading statement, or of a unit of work until its commit, waiting included',
      labelNames: ['operation'],
      buckets: DURATIONS,
      registers,
    });
    this.#failures = new Counter({
      name: 'latchkey_database_failures_total',
      help: 'Operations that failed because the database was unavailable',
      labelNames: ['operation'],
      registers,
    });
    for (const operation of ['read', 'write']) this.#failures.inc({ operation }, 0);
    this.#units = new Histogram({
      name: 'latchkey_database_commit_units',
      help: 'SQLite: units of work that shared one commit',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    });
  }

  /** Records everything until the database is closed. */
  watch(database: Database): void {
    database.observer = this;
    if (database.poolUse === null) return;
    const registers = [this.registry];
    new Gauge({
      name: 'latchkey_database_pool_connections',
      help: 'PostgreSQL: connections in_use and idle',
      labelNames: ['state'],
      registers,
      collect() {
        this.set({ state: 'in_use' }, database.poolUse?.inUse ?? 0);
        this.set({ state: 'idle' }, database.poolUse?.idle ?? 0);
      },
    });
    new Gauge({
      name: 'latchkey_database_work',
      help: 'PostgreSQL: work that has a connection (running) or waits for one, by class: requests, administration or background; and what waits for locks, without a connection',
      labelNames: ['class', 'state'],
      registers,
      collect() {
        for (const work of WORK_CLASSES) {
          const use = database.poolUse?.work[work];
          this.set({ class: work, state: 'running' }, use?.running ?? 0);
          this.set({ class: work, state: 'waiting' }, use?.waiting ?? 0);
        }
        this.set({ class: 'locks', state: 'waiting' }, database.poolUse?.waitingForLocks ?? 0);
      },
    });
    this.#refusals = new Counter({
      name: 'latchkey_database_work_refusals_total',
      help: 'PostgreSQL: work that was refused because too much of its class waited for a connection (or for one lock), or because it waited too long',
      labelNames: ['class', 'reason'],
      registers,
    });
    for (const queue of QUEUES) {
      for (const reason of ['full', 'deadline']) this.#refusals.inc({ class: queue, reason }, 0);
    }
  }

  read(duration: number, succeeded: boolean): void {
    this.#record('read', duration, succeeded);
  }

  wrote(duration: number, succeeded: boolean): void {
    this.#record('write', duration, succeeded);
  }

  committed(units: number): void {
    this.#units.observe(units);
  }

  refused(queue: WorkClass | 'locks', reason: TurnRefusal): void {
    this.#refusals?.inc({ class: queue, reason });
  }

  #record(operation: 'read' | 'write', duration: number, succeeded: boolean): void {
    this.#duration.observe({ operation }, duration);
    if (!succeeded) this.#failures.inc({ operation });
  }
}
