import type { PoolClient, QueryResult } from 'pg';
import type { StatementResult } from './entity-manager.js';

/**
 * A connection that breaks between two statements has no one to tell, and an error event without a listener ends the
 * process. The next statement fails all the same.
 */
export function ignoreErrors(): void {
  // Nothing to do.
}

/** @param error why the connection must not be used again */
export function releaseClient(client: PoolClient, error?: Error): void {
  client.off('error', ignoreErrors);
  client.release(error);
}

export function toStatementResult({ command, rows, rowCount }: QueryResult): StatementResult {
  const changed = command === 'UPDATE' || command === 'DELETE';
  return { raw: changed ? [rows, rowCount] : rows, records: rows, affected: rowCount };
}
