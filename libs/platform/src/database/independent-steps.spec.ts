import { describe, expect, it } from '@jest/globals';
import sql, { type Sql } from 'sql-template-tag';
import { afterCommit } from './after-commit.js';
import type { Row, Step } from './database.js';
import { asOneStatement, inOrder } from './independent-steps.js';

function* insert(name: string): Step<void> {
  yield sql`INSERT INTO notes (name) VALUES (${name})`;
}

function* insertAndRead(name: string): Step<unknown> {
  const [row] = yield sql`INSERT INTO notes (name) VALUES (${name}) RETURNING name`;
  return row?.name;
}

function* two(): Step<void> {
  yield* insert('first');
  yield* insert('second');
}

function* none(): Step<void> {
  // Nothing to do.
}

describe('asOneStatement', () => {
  it('is the statement itself when there is one', () => {
    const { statement, finish } = asOneStatement([insertAndRead('a')]);
    expect(statement.text).toBe('INSERT INTO notes (name) VALUES ($1) RETURNING name');
    expect(statement.values).toEqual(['a']);
    expect(finish([{ name: 'a' }])).toBe('a');
  });

  it('puts all but the last into common table expressions, and numbers the values through', () => {
    const { statement, finish } = asOneStatement([insert('a'), insert('b'), insertAndRead('c')]);
    expect(statement.text).toBe(
      'WITH step_0 AS (INSERT INTO notes (name) VALUES ($1)),' +
        'step_1 AS (INSERT INTO notes (name) VALUES ($2)) ' +
        'INSERT INTO notes (name) VALUES ($3) RETURNING name',
    );
    expect(statement.values).toEqual(['a', 'b', 'c']);
    expect(finish([{ name: 'c' }])).toBe('c');
  });

  it('lets the effects of all steps happen once it has run, and not before', () => {
    const happened: string[] = [];
    function* telling(name: string): Step<void> {
      yield* afterCommit(() => happened.push(`before ${name}`));
      yield* insert(name);
      yield* afterCommit(() => happened.push(`after ${name}`));
    }
    const { finish } = asOneStatement([telling('a'), telling('b')]);
    expect(happened).toEqual([]);
    finish([]);
    expect(happened.sort()).toEqual(['after a', 'after b', 'before a', 'before b']);
  });

  it('refuses a step without a statement before anything runs', () => {
    expect(() => asOneStatement([none(), insertAndRead('a')])).toThrow('has none');
  });

  it('does not pass over in silence what a second statement would have done', () => {
    expect(() => asOneStatement([two(), insertAndRead('a')]).finish([])).toThrow('has more');
  });
});

describe('inOrder', () => {
  it('runs one after the other and returns what the last one returns', () => {
    const steps = inOrder([insert('a'), insertAndRead('b')]);
    const seen: unknown[] = [];
    let step = steps.next();
    while (!step.done) {
      const [name] = (step.value as Sql).values;
      seen.push(name);
      step = steps.next([{ name }] as Row[]);
    }
    expect(seen).toEqual(['a', 'b']);
    expect(step.value).toBe('b');
  });
});
