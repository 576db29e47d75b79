// better-sqlite3 alone: one durable commit of one row after the other, for some seconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';

const seconds = Number(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'latchkey-commits-'));
const connection = new BetterSqlite3(join(folder, 'test.sqlite'));
connection.pragma('journal_mode = WAL');
connection.pragma('synchronous = FULL');
connection.exec(`CREATE TABLE sessions (id BLOB PRIMARY KEY, generation INTEGER, rest BLOB) WITHOUT ROWID;
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
  INSERT INTO sessions SELECT CAST(printf('%016d', i) AS BLOB), 0, randomblob(120) FROM n`);
const rotate = connection.prepare('UPDATE sessions SET generation = generation + 1 WHERE id = ?');
const start = performance.now();
let count = 0;
for (; performance.now() - start < seconds * 1000; count++) {
  rotate.run(Buffer.from(String(count % 10_000).padStart(16, '0')));
}
console.log(JSON.stringify({ perSecond: (count * 1000) / (performance.now() - start) }));
connection.close();
rmSync(folder, { recursive: true, force: true });
