import type { PoolClient, QueryResult } from 'pg';
import type { StatementResult } from './entity-manager.js';

/**
 * Listener for a connection that breaks between two statements: without a listener, the error event would end the
 * process. The next statement fails in any case.
 */
export function ignoreErrors(): void {
  // Nothing to do.
}

/** @param error why the connection must not be reused */
export function releaseClient(client: PoolClient, error?: Error): void {
  client.off('error', ignoreErrors);
  client.release(error);
}

export function toStatementResult({ command, rows, rowCount }: QueryResult): StatementResult {
  const changed = command === 'UPDATE' || command === 'DELETE';
  return { raw: changed ? [rows, rowCount] : rows, records: rows, affected: rowCount };
}
