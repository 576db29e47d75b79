import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

export type CleanupReason = 'expired' | 'excess';

@Injectable()
export class CleanupMetrics {
  readonly #rows: Counter;

  constructor(registry: Registry) {
    this.#rows = new Counter({
      name: 'latchkey_cleanup_rows_total',
      help: 'Rows deleted in the background, by table and reason: expired, or in excess of what is kept',
      labelNames: ['table', 'reason'],
      registers: [registry],
    });
  }

  deleted(table: string, reason: CleanupReason, rows: number): void {
    this.#rows.inc({ table, reason }, rows);
  }
}
