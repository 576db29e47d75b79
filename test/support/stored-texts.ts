import type { Database } from '@latchkey/platform/database';
import sql, { raw } from 'sql-template-tag';

/** Everything that is stored in any table of a database, as `TABLE COLUMN VALUE`; bytes as Latin-1. */
export async function storedTexts(database: Database): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    database.dialect === 'sqlite'
      ? sql`SELECT name FROM sqlite_master WHERE type = 'table'`
      : sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const row of await database.query(sql`SELECT * FROM ${raw(`"${name}"`)}`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
        texts.push(`${name} ${column} ${text}`);
      }
    }
  }
  return texts;
}
