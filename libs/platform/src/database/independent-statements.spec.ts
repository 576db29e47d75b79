import { describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { asOneStatement } from './independent-statements.js';
import { statement } from './transaction.js';

const insert = (name: string) => statement(sql`INSERT INTO notes (name) VALUES (${name})`);

describe('asOneStatement', () => {
  it('is the statement itself when there is one', () => {
    const { text, values } = asOneStatement([insert('a')]);
    expect(text).toBe('INSERT INTO notes (name) VALUES ($1)');
    expect(values).toEqual(['a']);
  });

  it('puts all but the last into common table expressions, and numbers the values through', () => {
    const last = statement(sql`INSERT INTO notes (name) VALUES (${'c'}) RETURNING name`);
    const { text, values } = asOneStatement([insert('a'), insert('b'), last]);
    expect(text).toBe(
      'WITH part_0 AS (INSERT INTO notes (name) VALUES ($1)),' +
        'part_1 AS (INSERT INTO notes (name) VALUES ($2)) ' +
        'INSERT INTO notes (name) VALUES ($3) RETURNING name',
    );
    expect(values).toEqual(['a', 'b', 'c']);
  });
});
