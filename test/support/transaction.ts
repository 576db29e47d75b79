import type { Database } from '@latchkey/platform/database';
import { eventually } from './eventually.js';

/** A transaction of somebody else on the same PostgreSQL, open as long as the test wants. */
interface OpenTransaction {
  query(statement: string): Promise<unknown>;
  /** Resolves when another one waits for a row that this one has written. */
  isWaitedFor(): Promise<void>;
  commit(): Promise<void>;
}

export async function openTransaction({ dataSource }: Database): Promise<OpenTransaction> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  const waiting = `SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;
  return {
    query: (statement) => runner.query(statement),
    isWaitedFor: () =>
      eventually(async () => {
        const waits = await dataSource.query<unknown[]>(waiting);
        if (waits.length === 0) throw new Error('nobody waits');
      }),
    commit: async () => {
      await runner.commitTransaction();
      await runner.release();
    },
  };
}
