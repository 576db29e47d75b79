// What a PostgreSQL database has done between two moments, by its own counters that are true at once. It needs
// shared_preload_libraries=pg_stat_statements.
import pg from 'pg';

const COUNTERS = `SELECT sum(calls) AS statements,
    sum(rows) FILTER (WHERE query ~* '^\\s*(insert|update|delete|with)') AS rows,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal
  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
  WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat_%'`;

/** Reads the counters now. @returns `since(requests)`: what each of so many requests cost from then on */
export async function databaseCosts(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  const read = async () => {
    const [row] = (await client.query(COUNTERS)).rows;
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
  };
  const before = await read();
  return {
    async since(requests) {
      const after = await read();
      await client.end();
      const each = (name) => (after[name] - before[name]) / requests;
      return { statements: each('statements'), rows: each('rows'), walBytes: each('wal') };
    },
  };
}
