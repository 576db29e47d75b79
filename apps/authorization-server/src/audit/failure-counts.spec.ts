import { describe, expect, it } from '@jest/globals';
import type { Database, IndependentSteps } from '@latchkey/platform';
import sql, { type Sql } from 'sql-template-tag';
import type { AuditEvent } from './audit-event.js';
import { AuditLog } from './audit-log.js';
import { FailureCounts } from './failure-counts.js';

interface Statement {
  readonly values: readonly unknown[];
  succeed(): void;
  fail(error: Error): void;
}

/** A database whose statements end when they are told to. */
function start() {
  const statements: Statement[] = [];
  const writeTogether = (steps: () => IndependentSteps<void>) =>
    new Promise<void>((resolve, reject) => {
      const { values } = steps()[0]?.next().value as Sql;
      statements.push({ values, succeed: resolve, fail: reject });
    });
  const database = { now: sql`now`, writeTogether } as unknown as Database;
  return { statements, failures: new FailureCounts(database, new AuditLog(database)) };
}

const failure = (subject: string): AuditEvent => ({
  kind: 'login',
  outcome: 'failure',
  actor: 'shop',
  clientId: 'shop',
  subject,
  requestId: null,
  address: null,
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The number of events that a statement counts. */
const counted = ({ values }: Statement) => values.find((value) => typeof value === 'number');

describe('FailureCounts', () => {
  it('has one statement under way for each row, and stores what came meanwhile with the next', async () => {
    const { statements, failures } = start();
    const stored: string[] = [];
    const count = (subject: string) =>
      failures.count(failure(subject), null).then(() => stored.push(subject));
    const first = count('alice');
    await settled();
    const later = [count('alice'), count('alice'), count('bob')];
    await settled();
    expect(statements.map(counted)).toEqual([1, 1]);
    statements[0]?.succeed();
    await first;
    await settled();
    expect(stored).toEqual(['alice']);
    expect(statements.map(counted)).toEqual([1, 1, 2]);
    for (const statement of statements) statement.succeed();
    await Promise.all(later);
  });

  it('tells everybody whose event was not stored, and goes on', async () => {
    const { statements, failures } = start();
    const together = [failures.count(failure('alice'), null), failures.count(failure('alice'), null)];
    const outcomes = Promise.allSettled(together);
    await settled();
    expect(statements.map(counted)).toEqual([2]);
    const next = failures.count(failure('alice'), null);
    await settled();
    statements[0]?.fail(new Error('no database'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settled();
    expect(statements.map(counted)).toEqual([2, 1]);
    statements[1]?.succeed();
    await next;
  });
});
