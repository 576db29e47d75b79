import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Database, DatabaseObserver } from '../database/database.js';

/** From a statement of an embedded database to the time-out of one over the network, in seconds. */
const DURATIONS = [0.00005, 0.00025, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const POOL_STATES = ['inUse', 'idle', 'waiting'] as const;

/** Registers what is measured of a server's database. */
export class DatabaseMetrics implements DatabaseObserver {
  readonly #duration: Histogram;
  readonly #failures: Counter;
  readonly #units: Histogram;

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

  /** From now on, until the database closes. */
  watch(database: Database): void {
    database.observer = this;
    if (database.poolUse === null) return;
    new Gauge({
      name: 'latchkey_database_pool_connections',
      help: 'PostgreSQL: connections in_use and idle, and requests waiting for one',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        for (const state of POOL_STATES) {
          this.set({ state: state === 'inUse' ? 'in_use' : state }, database.poolUse?.[state] ?? 0);
        }
      },
    });
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

  #record(operation: 'read' | 'write', duration: number, succeeded: boolean): void {
    this.#duration.observe({ operation }, duration);
    if (!succeeded) this.#failures.inc({ operation });
  }
}
