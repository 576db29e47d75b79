import type { Database } from './database.js';
import type { WorkClass } from './pool-gate.js';
import type { Transaction } from './transaction.js';

/** Carries a result out of a transaction that is rolled back. */
class DryRun<T> extends Error {
  override readonly name = 'DryRun';

  constructor(readonly result: T) {
    super('This transaction is a dry run only');
  }
}

/**
 * Runs a transaction, rolls it back, and returns its result: what would happen.
 *
 * @param workClass as with {@link Database.transaction}
 * @throws as {@link Database.transaction}
 */
export async function runDry<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
  workClass?: WorkClass,
): Promise<T> {
  try {
    return await database.transaction<never>(async (tx) => {
      throw new DryRun(await work(tx));
    }, workClass);
  } catch (error) {
    if (error instanceof DryRun) return error.result as T;
    throw error;
  }
}
