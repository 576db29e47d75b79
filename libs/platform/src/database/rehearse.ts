import type { Database } from './database.js';
import type { WorkClass } from './pool-gate.js';
import type { Transaction } from './transaction.js';

/** Carries a result out of a transaction that is to leave nothing behind. */
class Rehearsal<T> extends Error {
  override readonly name = 'Rehearsal';

  constructor(readonly result: T) {
    super('This transaction is only rehearsed');
  }
}

/**
 * Runs a transaction to its end, undoes it, and returns what it returned: what would happen, found out by doing it.
 *
 * @param workClass as with {@link Database.transaction}
 * @throws as {@link Database.transaction}
 */
export async function rehearse<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
  workClass?: WorkClass,
): Promise<T> {
  try {
    return await database.transaction<never>(async (tx) => {
      throw new Rehearsal(await work(tx));
    }, workClass);
  } catch (error) {
    if (error instanceof Rehearsal) return error.result as T;
    throw error;
  }
}
