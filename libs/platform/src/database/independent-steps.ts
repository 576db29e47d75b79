import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Notification } from '../notifications/notification.js';
import { AfterCommit } from './after-commit.js';
import type { IndependentSteps, Row, Step } from './database.js';
import { NamedLock } from './named-locks.js';

/** The steps one after the other, as a part of any unit of work. */
export function* inOrder<T>(steps: IndependentSteps<T>): Step<T> {
  for (const step of steps.slice(0, -1)) yield* step;
  return yield* last(steps);
}

/** Independent steps that have become one statement. */
export interface OneStatement<T> {
  readonly statement: Sql;
  /**
   * To be called once the statement has run, and with it has been committed.
   *
   * @param rows of the statement
   * @returns what the last step makes of them
   */
  readonly finish: (rows: Row[]) => T;
}

/**
 * Puts the statements of the steps into one, which is atomic by itself: all but the last as common table expressions,
 * which PostgreSQL runs to their end whether or not anything reads them.
 *
 * @throws Error when a step has no statement; nothing has run then
 */
export function asOneStatement<T>(steps: IndependentSteps<T>): OneStatement<T> {
  const [final, others] = [last(steps), steps.slice(0, -1)];
  const effects: AfterCommit[] = [];
  const parts = others.map((step, index) => sql`${raw(`step_${index}`)} AS (${statementOf(step, effects)})`);
  const main = statementOf(final, effects);
  return {
    statement: parts.length === 0 ? main : sql`WITH ${join(parts)} ${main}`,
    finish: (rows) => {
      for (const step of others) resultOf(step, [], effects);
      const result = resultOf(final, rows, effects);
      for (const effect of effects) effect.run();
      return result;
    },
  };
}

function last<T>(steps: IndependentSteps<T>): Step<T> {
  return steps[steps.length - 1] as Step<T>;
}

function statementOf(step: Step<unknown>, effects: AfterCommit[]): Sql {
  let next = step.next();
  while (!next.done && next.value instanceof AfterCommit) {
    effects.push(next.value);
    next = step.next([]);
  }
  if (next.done) throw new Error('An independent step has one statement, and this one has none');
  if (next.value instanceof Notification) throw new Error('An independent step cannot notify');
  if (next.value instanceof NamedLock) throw new Error('An independent step cannot take a lock');
  return next.value as Sql;
}

function resultOf<T>(step: Step<T>, rows: Row[], effects: AfterCommit[]): T {
  let next = step.next(rows);
  while (!next.done && next.value instanceof AfterCommit) {
    effects.push(next.value);
    next = step.next([]);
  }
  if (!next.done) throw new Error('An independent step has one statement, and this one has more');
  return next.value;
}
