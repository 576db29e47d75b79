import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DatabaseMetrics, StorageUnavailableError, type Transaction } from '@latchkey/platform/database';
import { Registry } from 'prom-client';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { note, NotesDatabase } from '../support/notes-database.js';
import { openTransaction } from '../support/transaction.js';

describeEachDatabase('The metrics of the database', (dialect) => {
  let notes: NotesDatabase;
  let registry: Registry;

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
    registry = new Registry();
    new DatabaseMetrics(registry).watch(notes.database);
  });

  afterEach(() => notes.close());

  const valueOf = async (sample: string): Promise<number> => {
    const text = await registry.metrics();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? Number.NaN : Number(line.split(' ').at(-1));
  };

  it('measure what is read and what is written', async () => {
    const { database } = notes;
    await database.query(sql`SELECT 1`);
    await database.execute(sql`DELETE FROM notes`);
    await database.transaction((tx) => note(tx, 'a'));
    expect(await valueOf('latchkey_database_operation_duration_seconds_count{operation="read"}')).toBe(1);
    expect(await valueOf('latchkey_database_operation_duration_seconds_count{operation="write"}')).toBe(2);
    expect(await valueOf('latchkey_database_failures_total{operation="write"}')).toBe(0);
  });

  it('count as failures what the database could not do, and not what it refused', async () => {
    const { database } = notes;
    await database.transaction((tx) => note(tx, 'a'));
    const [again] = await Promise.allSettled([database.transaction((tx) => note(tx, 'a'))]);
    expect(again?.status).toBe('rejected');
    expect(await valueOf('latchkey_database_failures_total{operation="write"}')).toBe(0);
    const outage = database.transaction(async (tx) => {
      await tx.query(sql`SELECT 1`);
      throw new StorageUnavailableError(new Error('gone'));
    });
    await expect(outage).rejects.toThrow(StorageUnavailableError);
    expect(await valueOf('latchkey_database_failures_total{operation="write"}')).toBe(1);
  });

  if (dialect === 'sqlite') {
    it('tell how many units of work share a commit', async () => {
      await Promise.all(['a', 'b', 'c'].map((name) => notes.database.transaction((tx) => note(tx, name))));
      expect(await valueOf('latchkey_database_commit_units_count')).toBe(1);
      expect(await valueOf('latchkey_database_commit_units_sum')).toBe(3);
    });
  } else {
    it('tell who uses the pool', async () => {
      const { database } = notes;
      const use = await database.transaction(async (tx) => {
        await tx.query(sql`SELECT 1`);
        return database.poolUse;
      });
      expect(use).toMatchObject({ inUse: 1, work: { requests: { running: 1, waiting: 0 } } });
      expect(await valueOf('latchkey_database_work{class="requests",state="running"}')).toBe(0);
      expect(await valueOf('latchkey_database_pool_connections{state="in_use"}')).toBe(0);
      expect(await valueOf('latchkey_database_pool_connections{state="idle"}')).toBe((use?.idle ?? 0) + 1);
    });

    it('tell who waits for a connection or a lock, and who was refused', async () => {
      const { database } = notes;
      const holding = await openTransaction(database);
      await holding.query(`SELECT pg_advisory_xact_lock(hashtextextended('a name', 0))`);
      await holding.query('LOCK TABLE notes');
      const lock = (tx: Transaction) => tx.lock('a name');
      const work = [
        ...Array.from({ length: 3 }, () => database.transaction(lock)),
        ...Array.from({ length: 3 }, () => database.query(sql`SELECT * FROM notes`, 'background')),
      ];
      await eventually(async () => {
        expect(await valueOf('latchkey_database_work{class="locks",state="waiting"}')).toBe(2);
        expect(await valueOf('latchkey_database_work{class="background",state="running"}')).toBe(2);
        expect(await valueOf('latchkey_database_work{class="background",state="waiting"}')).toBe(1);
      });
      await holding.commit();
      await Promise.all(work);
      database.observer?.refused('background', 'deadline');
      expect(
        await valueOf('latchkey_database_work_refusals_total{class="background",reason="deadline"}'),
      ).toBe(1);
      expect(await valueOf('latchkey_database_work_refusals_total{class="locks",reason="full"}')).toBe(0);
    });
  }
});
