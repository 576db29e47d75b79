import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FEED_VERSION } from '@latchkey/contracts';
import pg from 'pg';
import { ALICE } from '../support/builders.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { FeedClient } from '../support/feed-client.js';
import { LatchkeyInProcess, offlineEnvironment } from '../support/latchkey.js';
import { auditKindsOf, expectSession, isActive, passTime } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

/** A copy of a database, as a restored dump or a standby that was behind has it. */
async function copyOf({ url }: TestDatabase): Promise<TestDatabase> {
  const server = new URL(url);
  const source = server.pathname.slice(1);
  const name = `copy_${randomBytes(6).toString('hex')}`;
  server.pathname = '/postgres';
  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server.href });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await administer(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  const copy = new URL(server);
  copy.pathname = `/${name}`;
  return {
    dialect: 'postgres',
    url: copy.href,
    drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

describe('A PostgreSQL database from before', () => {
  const databases: TestDatabase[] = [];
  let stack: Stack;

  const start = (database: TestDatabase): Promise<Stack> =>
    startStack('postgres', { database, environment: { ISSUER: 'https://login.example.com' } });

  /** Sessions of which one was revoked, and one refreshed, after the copy was made. */
  const lose = async () => {
    const original = await createDatabase('postgres');
    databases.push(original);
    stack = await start(original);
    const revoked = expectSession(await stack.login(ALICE));
    const spent = expectSession(await stack.login(ALICE));
    await stack.stop();
    const copy = await copyOf(original);
    databases.push(copy);
    stack = await start(original);
    await stack.revoke(revoked.refresh_token);
    const successor = expectSession(await stack.refresh(spent.refresh_token));
    await stack.stop();
    return { copy, revoked, spent, successor };
  };

  /** What every version of the feed says, and the same on each stream. */
  const databaseName = async (): Promise<unknown> => {
    const names = new Set<unknown>();
    for (const version of [undefined, FEED_VERSION]) {
      const feed = await FeedClient.live(stack, undefined, version);
      names.add(feed.events[0]?.data.database_id);
      feed.close();
    }
    const [name, ...others] = names;
    expect(name).toMatch(/^[0-9a-f-]{36}$/);
    expect(others).toEqual([]);
    return name;
  };

  beforeEach(() => {
    databases.length = 0;
  });

  afterEach(async () => {
    await stack.stop();
    for (const database of databases) await database.drop();
  });

  it('revives what was revoked, and finds out by a newer refresh token', async () => {
    const { copy, revoked, spent, successor } = await lose();
    stack = await start(copy);
    expect(await isActive(stack, revoked)).toBe(true);
    await passTime(stack, spent, 31);
    expectOAuthError(await stack.refresh(successor.refresh_token), 400, 'invalid_grant');
    expect(await auditKindsOf(stack, spent)).toContain('rollback_detected');
  });

  it('revives nothing after latchkey after-restore, and has another name in the revocation feed', async () => {
    const { copy, revoked, spent, successor } = await lose();
    stack = await start(copy);
    const name = await databaseName();
    await stack.stop();
    const latchkey = new LatchkeyInProcess(offlineEnvironment(copy));
    const asked = await latchkey.run(['after-restore']);
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') });
    await latchkey.succeed(['after-restore', '--yes']);
    stack = await start(copy);
    for (const session of [revoked, spent, successor]) {
      expect(await isActive(stack, session)).toBe(false);
      expectOAuthError(await stack.refresh(session.refresh_token), 400, 'invalid_grant');
    }
    const again = expectSession(await stack.login(ALICE));
    expectSession(await stack.refresh(again.refresh_token));
    expect(await databaseName()).not.toBe(name);
  });
});
