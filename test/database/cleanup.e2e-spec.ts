import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { CleanupService } from '../../apps/authorization-server/src/cleanup/cleanup.service.js';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectTokens } from '../support/expectations.js';
import { startStack, type Stack } from '../support/stack.js';
import { openTransaction } from '../support/transaction.js';

describeEachDatabase('Cleanup of expired rows', (dialect) => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await startStack(dialect);
  });

  afterEach(() => stack.stop());

  const count = async (table: 'authorizations' | 'throttles'): Promise<number> => {
    const statement =
      table === 'throttles' ? sql`SELECT key FROM throttles` : sql`SELECT id FROM authorizations`;
    return (await stack.database.query(statement)).length;
  };

  it('deletes what has expired, in as many batches as it takes, and nothing else', async () => {
    const expired = 301;
    await stack.database.transaction(async (tx) => {
      for (let index = 0; index < expired; index++) {
        const key = Buffer.alloc(16);
        key.writeUInt32BE(index);
        await tx.query(
          sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at) VALUES (${key}, 1, 0, FALSE, 1)`,
        );
        await tx.query(sql`INSERT INTO authorizations
          (id, client_key, client_epoch, scope, audience, generation, created_at, expires_at)
          VALUES (${key}, 1, 0, 'a', 'b', 0, 0, 1)`);
      }
    });
    const { refresh_token: refreshToken = '' } = expectTokens(await stack.login(ALICE));
    await stack.login({ ...ALICE, password: 'wrong' });
    const cleanup = stack.application.get(CleanupService);
    // The second joins the first, as when a minute is not enough.
    await Promise.all([cleanup.run(), cleanup.run()]);
    expect(await count('authorizations')).toBe(1);
    expect(await count('throttles')).toBe(1);
    expectTokens(await stack.refresh(refreshToken));
    expect(stack.log.filter((line) => line.includes(`"deleted":${expired}`))).toHaveLength(2);
  });

  it('spares what is renewed while it waits for the row', async () => {
    if (dialect === 'sqlite') return; // where nothing else is written meanwhile
    await stack.database.execute(sql`INSERT INTO throttles (key, attempts, last_at, known, expires_at)
      VALUES (${Buffer.alloc(16)}, 1, 0, FALSE, 1)`);
    const login = await openTransaction(stack.database);
    await login.query(`UPDATE throttles SET attempts = 2, expires_at = 9000000000000`);
    const cleanup = stack.application.get(CleanupService).run();
    await login.isWaitedFor();
    await login.commit();
    await cleanup;
    expect(await count('throttles')).toBe(1);
  });
});
