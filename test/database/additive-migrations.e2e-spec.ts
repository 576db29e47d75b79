import { describe, expect, it } from '@jest/globals';
import type { DatabaseSchema } from '@latchkey/platform/database';
import type { QueryRunner } from 'typeorm';
import { authorizationServerSchema } from '../../apps/authorization-server/src/schema.js';
import { resourceServerSchema } from '../../apps/resource-server/src/database/schema.js';

/** Contractions, with the release since which nobody uses what they remove. */
const CONTRACTIONS: ReadonlySet<string> = new Set();

/** What the previous version, which still runs, would not survive. */
const BREAKING: readonly RegExp[] = [
  /\bDROP\b/i,
  /\bRENAME\b/i,
  /\bALTER COLUMN\b/i,
  /\bADD COLUMN\b(?!.*\bDEFAULT\b).*\bNOT NULL\b/is,
  /\bADD COLUMN\b.*\bUNIQUE\b/is,
];

async function statementsOf(
  Migration: DatabaseSchema['migrations'][number],
  type: 'better-sqlite3' | 'postgres',
): Promise<string[]> {
  const statements: string[] = [];
  const runner = {
    dataSource: { options: { type } },
    query: (statement: string) => {
      statements.push(statement);
      return Promise.resolve([]);
    },
  };
  await new Migration().up(runner as unknown as QueryRunner);
  return statements;
}

function breaking(statements: readonly string[]): string[] {
  return statements.filter((statement) => BREAKING.some((pattern) => pattern.test(statement)));
}

describe.each([
  ['authorization server', authorizationServerSchema],
  ['resource server', resourceServerSchema],
])('Migrations of the %s after the first', (_, schema) => {
  it.each(['better-sqlite3', 'postgres'] as const)('let the previous version go on, on %s', async (type) => {
    for (const Migration of schema.migrations.slice(1)) {
      if (CONTRACTIONS.has(Migration.name)) continue;
      const statements = await statementsOf(Migration, type);
      expect(statements).not.toEqual([]);
      expect(breaking(statements)).toEqual([]);
    }
  });
});

describe('The check of migrations', () => {
  it.each([
    'DROP TABLE users',
    'ALTER TABLE users DROP COLUMN groups',
    'ALTER TABLE users RENAME COLUMN sub TO subject',
    'ALTER TABLE users RENAME TO people',
    'ALTER TABLE users ADD COLUMN nickname text NOT NULL',
    'ALTER TABLE users ALTER COLUMN epoch TYPE bigint',
  ])('finds %s', (statement) => expect(breaking([statement])).toEqual([statement]));

  it.each([
    'CREATE TABLE notes (id text PRIMARY KEY NOT NULL)',
    'CREATE INDEX notes_id ON notes (id)',
    'ALTER TABLE users ADD COLUMN nickname text',
    "ALTER TABLE users ADD COLUMN nickname text NOT NULL DEFAULT ''",
  ])('lets %s be', (statement) => expect(breaking([statement])).toEqual([]));
});
