import type { Database } from '@latchkey/platform/database';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { onPostgresStatement } from './statements.js';

/** A statement that a server has sent to its database. */
interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How many rows a database looks at for a statement, whatever becomes of them. */
export interface RowCounter {
  count(statement: SentStatement): Promise<number>;
  /** The tables that a statement would go through from one end to the other; it is not run. */
  scanned(statement: SentStatement): Promise<string[]>;
  close(): Promise<void>;
}

/** What a server sends from now on. */
export function recordSent({ dialect, dataSource }: Database): { sent: SentStatement[]; stop: () => void } {
  const sent: SentStatement[] = [];
  const stop =
    dialect === 'sqlite' ? recordSqlite(dataSource.driver, sent) : recordPostgres(dataSource.driver, sent);
  return { sent, stop };
}

interface SqlitePrototype {
  all: (...values: unknown[]) => unknown;
  run: (...values: unknown[]) => unknown;
}

function recordSqlite(driver: unknown, sent: SentStatement[]): () => void {
  const connection = (driver as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
  const prototype = Object.getPrototypeOf(connection.prepare('SELECT 1')) as SqlitePrototype;
  const { all, run } = prototype;
  const recording = (original: SqlitePrototype['all']) =>
    function (this: BetterSqlite3.Statement, ...values: unknown[]): unknown {
      if (this.database === connection) sent.push({ text: this.source, values });
      return original.apply(this, values);
    };
  Object.assign(prototype, { all: recording(all), run: recording(run) });
  return () => void Object.assign(prototype, { all, run });
}

function recordPostgres(driver: unknown, sent: SentStatement[]): () => void {
  let isOn = true;
  onPostgresStatement(driver, (statement, values) => {
    if (isOn && typeof statement === 'string')
      sent.push({ text: statement, values: Array.isArray(values) ? values : [] });
  });
  return () => {
    isOn = false;
  };
}

/** @param tables each with the first column of its primary key */
export function countRows(
  dialect: Database['dialect'],
  url: string,
  tables: Readonly<Record<string, string>>,
): Promise<RowCounter> {
  return dialect === 'sqlite' ? countOnSqlite(url.slice('sqlite:'.length), tables) : countOnPostgres(url);
}

/**
 * Runs a statement again, over views of the same names that count each row which the search comes past: SQLite dissolves
 * such a view into the statement, and asks its condition first.
 */
async function countOnSqlite(path: string, tables: Readonly<Record<string, string>>): Promise<RowCounter> {
  const connection = new BetterSqlite3(path);
  const plans = new BetterSqlite3(path, { readonly: true });
  let examined = 0;
  connection.function('examined', { varargs: true, directOnly: false }, () => {
    examined++;
    return 1;
  });
  for (const [table, key] of Object.entries(tables)) {
    connection.exec(`CREATE TEMP VIEW ${table} AS SELECT * FROM main.${table} WHERE examined(${key})`);
  }
  return {
    async count({ text, values }) {
      examined = 0;
      connection.prepare(text).all(...values);
      return examined;
    },
    async scanned({ text, values }) {
      const steps = plans.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values) as { detail: string }[];
      return steps.flatMap(({ detail }) => /^SCAN (\w+)/.exec(detail)?.[1] ?? []);
    },
    async close() {
      plans.close();
      connection.close();
    },
  };
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

async function countOnPostgres(url: string): Promise<RowCounter> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    async count({ text, values }) {
      const explained = `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`;
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(explained, [...values]);
      const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
      if (plan === undefined) throw new Error(`There is no plan of ${text}`);
      return Math.round(rowsOf(plan.Plan));
    },
    async scanned({ text, values }) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
      return rows.flatMap((row) => /Seq Scan on (\w+)/.exec(row['QUERY PLAN'])?.[1] ?? []);
    },
    close: () => client.end(),
  };
}

function rowsOf(node: PlanNode): number {
  const { 'Rows Removed by Filter': filtered = 0, 'Rows Removed by Index Recheck': rechecked = 0 } = node;
  const own = (node['Actual Rows'] + filtered + rechecked) * node['Actual Loops'];
  const below = (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), 0);
  return below + (node['Node Type'].endsWith('Scan') ? own : 0);
}
