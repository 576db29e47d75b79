import type { Database, UnitOfWork } from './database.js';
import type { WorkClass } from './pool-gate.js';

/** Carries a result out of a unit of work that is to leave nothing behind. */
class Rehearsal<T> extends Error {
  override readonly name = 'Rehearsal';

  constructor(readonly result: T) {
    super('This unit of work is only rehearsed');
  }
}

/**
 * Runs a unit of work to its end, undoes it, and returns what it returned: what would happen, found out by doing it.
 *
 * @param workClass as with {@link Database.write}
 * @throws what the unit of work throws
 */
export async function rehearse<T>(
  database: Database,
  work: UnitOfWork<T>,
  workClass?: WorkClass,
): Promise<T> {
  try {
    return await database.write<never>(function* () {
      throw new Rehearsal(yield* work());
    }, workClass);
  } catch (error) {
    if (error instanceof Rehearsal) return error.result as T;
    throw error;
  }
}
