import type { Database } from '@latchkey/platform/database';
import type { Pool, PoolClient } from 'pg';

/**
 * The statements that a PostgreSQL database is sent from now on, in order: one for each round trip, because the driver
 * sends them one by one.
 */
export function recordStatements({ dataSource }: Database): string[] {
  const statements: string[] = [];
  const recorded = new WeakSet<PoolClient>();
  const { master: pool } = dataSource.driver as unknown as { master: Pool };
  pool.on('acquire', (client) => {
    if (recorded.has(client)) return;
    recorded.add(client);
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    client.query = ((statement: string | { text: string }, ...others: unknown[]) => {
      statements.push(typeof statement === 'string' ? statement : statement.text);
      return query(statement, ...others);
    }) as typeof client.query;
  });
  return statements;
}
