import { describe, expect, it } from '@jest/globals';
import type { Database, IndependentStatements } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
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
  const writeTogether = (together: IndependentStatements<void>) =>
    new Promise<void>((resolve, reject) => {
      const values = together.flatMap((statement) => statement.sql.values);
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

/** The numbers of events that a statement counts in each row. */
const counted = ({ values }: Statement) => values.filter((value) => typeof value === 'number');

describe('FailureCounts', () => {
  it('has one statement under way, and stores what came meanwhile with the next, each row once', async () => {
    const { statements, failures } = start();
    const stored: string[] = [];
    const count = (subject: string) =>
      failures.count(failure(subject), null).then(() => stored.push(subject));
    const first = count('alice');
    await settled();
    const later = [count('bob'), count('bob'), count('alice')];
    await settled();
    expect(statements.map(counted)).toEqual([[1]]);
    statements[0]?.succeed();
    await first;
    await settled();
    expect(stored).toEqual(['alice']);
    expect(statements.map(counted)).toEqual([[1], [1, 2]]);
    statements[1]?.succeed();
    await Promise.all(later);
  });

  it('bounds the rows of a statement', async () => {
    const { statements, failures } = start();
    const all = Array.from({ length: 150 }, (_, index) => failures.count(failure(`user-${index}`), null));
    await settled();
    statements[0]?.succeed();
    await settled();
    statements[1]?.succeed();
    await Promise.all(all);
    expect(statements.map((statement) => counted(statement).length)).toEqual([100, 50]);
  });

  it('bounds the attempts that a statement ends', async () => {
    const { statements, failures } = start();
    const ended: number[] = [];
    const end = (attempts: readonly unknown[]) => {
      ended.push(attempts.length);
      return [];
    };
    const all = Array.from({ length: 250 }, () => failures.count(failure('nobody'), { attempt: null, end }));
    for (let number = 0; number < 3; number++) {
      await settled();
      statements[number]?.succeed();
    }
    await Promise.all(all);
    expect(ended).toEqual([100, 100, 50]);
  });

  it('tells everybody whose event was not stored, and goes on', async () => {
    const { statements, failures } = start();
    const together = [failures.count(failure('alice'), null), failures.count(failure('alice'), null)];
    const outcomes = Promise.allSettled(together);
    await settled();
    expect(statements.map(counted)).toEqual([[2]]);
    const next = failures.count(failure('alice'), null);
    await settled();
    statements[0]?.fail(new Error('no database'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settled();
    expect(statements.map(counted)).toEqual([[2], [1]]);
    statements[1]?.succeed();
    await next;
  });
});
