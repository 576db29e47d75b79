import { Notification } from '../notifications/notification.js';
import { AfterCommit } from './after-commit.js';
import { NamedLock } from './named-locks.js';
import type { Row, Statement, Transaction } from './transaction.js';
import type { Sql } from 'sql-template-tag';

type Steps<T> = Generator<Sql | AfterCommit | Notification | NamedLock, T, Row[]>;

/** Runs steps of the old way in a transaction. */
export async function runSteps<T>(steps: Steps<T>, tx: Transaction): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    let rows: Row[] = [];
    if (step.value instanceof AfterCommit) tx.afterCommit(step.value.run);
    else if (step.value instanceof Notification) await tx.notify(step.value.payload);
    else if (step.value instanceof NamedLock) await tx.lock(step.value.name);
    else rows = await tx.query(step.value);
    step = steps.next(rows);
  }
  return step.value;
}

/** An independent step of the old way, as a statement. */
export function toStatement<T>(step: Steps<T>): Statement<T> {
  const effects: AfterCommit[] = [];
  const skipEffects = (next: ReturnType<typeof step.next>) => {
    while (!next.done && next.value instanceof AfterCommit) {
      effects.push(next.value);
      next = step.next([]);
    }
    return next;
  };
  const first = skipEffects(step.next());
  if (first.done) throw new Error('An independent step has one statement, and this one has none');
  if (first.value instanceof Notification) throw new Error('An independent step cannot notify');
  if (first.value instanceof NamedLock) throw new Error('An independent step cannot take a lock');
  let isFinished = false;
  const finish = (rows: Row[]): T => {
    isFinished = true;
    const last = skipEffects(step.next(rows));
    if (!last.done) throw new Error('An independent step has one statement, and this one has more');
    return last.value;
  };
  return {
    sql: first.value as Sql,
    result: finish,
    afterCommit: () => {
      if (!isFinished) finish([]);
      for (const effect of effects) effect.run();
    },
  };
}
