import { jest } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import type BetterSqlite3 from 'better-sqlite3';
import type { Pool, PoolClient } from 'pg';

/**
 * The statements that a PostgreSQL database is sent from now on, in order: one for each round trip, because the driver
 * sends them one by one.
 */
export function recordStatements({ dataSource }: Database): string[] {
  const statements: string[] = [];
  onPostgresStatement(dataSource.driver, (statement) => {
    statements.push(typeof statement === 'string' ? statement : statement.text);
  });
  return statements;
}

/** @param listener called with each statement from now on, in the form in which the driver gets it, and its values */
export function onPostgresStatement(
  driver: unknown,
  listener: (statement: string | { text: string }, values: unknown) => void,
): void {
  const watched = new WeakSet<PoolClient>();
  const { master: pool } = driver as { master: Pool };
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    client.query = ((statement: string | { text: string }, ...others: unknown[]) => {
      listener(statement, others[0]);
      return query(statement, ...others);
    }) as typeof client.query;
  });
}

/** The same of SQLite, at all connections of this process, until mocks are restored. */
export function recordSqliteStatements({ dataSource }: Database): string[] {
  const statements: string[] = [];
  const { databaseConnection } = dataSource.driver as unknown as {
    databaseConnection: BetterSqlite3.Database;
  };
  const prototype = Object.getPrototypeOf(databaseConnection.prepare('SELECT 1')) as BetterSqlite3.Statement;
  for (const method of ['all', 'run'] as const) {
    const real = Reflect.get(prototype, method) as (...values: unknown[]) => unknown;
    jest.spyOn(prototype, method).mockImplementation(function (this: BetterSqlite3.Statement, ...values) {
      statements.push(this.source);
      return real.apply(this, values) as never;
    });
  }
  return statements;
}
