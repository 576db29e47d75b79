import type { Pool, PoolClient, QueryConfig } from 'pg';
import type { Sql } from 'sql-template-tag';
import { ignoreErrors, releaseClient } from './postgres-client.js';
import type { Snapshot } from './transaction.js';

const ROWS_AT_ONCE = 1000;

/** The time-outs of requests do not apply to a complete read, nor to a slow consumer of its rows. */
const NO_TIMEOUTS = 'SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0';
const NO_QUERY_TIMEOUT_MS = 2 ** 31 - 1;

/** Reads in one transaction, with cursors. */
export async function readPostgresSnapshot<T>(
  pool: Pool,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  client.on('error', ignoreErrors);
  try {
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${NO_TIMEOUTS}`);
    const result = await read({ rows: (statement) => rowsOf(client, statement) });
    await client.query('COMMIT');
    releaseClient(client);
    return result;
  } catch (error) {
    // Closes the session, which ends the transaction.
    releaseClient(client, error instanceof Error ? error : new Error('The reading was abandoned'));
    throw error;
  }
}

async function* rowsOf<T>(client: PoolClient, { text, values }: Sql): AsyncGenerator<T> {
  await client.query(patient(`DECLARE snapshot_rows NO SCROLL CURSOR FOR ${text}`, values));
  try {
    for (;;) {
      const { rows } = await client.query(patient(`FETCH ${ROWS_AT_ONCE} FROM snapshot_rows`));
      yield* rows as T[];
      if (rows.length < ROWS_AT_ONCE) return;
    }
  } finally {
    await client.query('CLOSE snapshot_rows');
  }
}

function patient(text: string, values: unknown[] = []): QueryConfig {
  return { text, values, query_timeout: NO_QUERY_TIMEOUT_MS } as QueryConfig;
}
