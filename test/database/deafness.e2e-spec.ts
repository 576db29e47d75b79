import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { Hearing } from '../support/hearing.js';
import { openNotes } from '../support/notes-database.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Quick to notice, and patient enough for a slow machine. */
const TIMES = { interval: 100, limit: 1000 };

const listening = (sent: string): boolean => sent.includes('LISTEN');

describe('A process that does not hear the notifications of PostgreSQL', () => {
  let testDatabase: TestDatabase;
  let proxy: TcpProxy;
  let database: Database;
  let hearing: Hearing;
  let other: Database;

  const notifyElsewhere = (payload: string) => other.transaction((tx) => tx.notify(payload));

  beforeEach(async () => {
    testDatabase = await createDatabase('postgres');
    proxy = await TcpProxy.inFrontOf(testDatabase);
    database = await openNotes(proxy.database(testDatabase), { hearing: TIMES });
    other = await openNotes(testDatabase);
    hearing = new Hearing(database);
    await database.notifications.start();
    expect(database.notifications.inSync).toBe(true);
  });

  afterEach(async () => {
    await database.close();
    await other.close();
    await proxy.cut();
    await testDatabase.drop();
  });

  /** A slow machine may have been deaf for a moment before, and then is told of it only once. */
  const toBeDeaf = async () => {
    while (database.notifications.inSync)
      await Promise.race([hearing.next('outOfSync'), hearing.next('pulse')]);
  };

  const expectToHearAgain = async () => {
    while (!database.notifications.inSync) await hearing.next('pulse');
    expect(database.notifications.inSync).toBe(true);
    await notifyElsewhere('heard again');
    await hearing.until(() => hearing.heard.includes('heard again'));
  };

  it('knows it when its connection is lost, and hears again over another one', async () => {
    await other.query(
      sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await toBeDeaf();
    expect(database.notifications.inSync).toBe(false);
    await expectToHearAgain();
  });

  it.each([
    ['what is sent to it', listening],
    ['what it sends', (sent: string) => sent.includes('pg_notify')],
    ['anything at all', () => true],
  ])('knows it when %s arrives no more, though no connection breaks', async (_, connections) => {
    proxy.freeze(connections);
    await notifyElsewhere('missed');
    await toBeDeaf();
    expect(database.notifications.inSync).toBe(false);
    proxy.thaw();
    await expectToHearAgain();
  });

  it('takes what it hears late for nothing: a new connection begins anew', async () => {
    proxy.freeze(listening);
    await notifyElsewhere('missed');
    await toBeDeaf();
    proxy.thaw();
    await expectToHearAgain();
    expect(hearing.heard).toEqual(['heard again']);
  });

  it('does not hold up who writes longer than it takes to notice', async () => {
    proxy.freeze(listening);
    await database.transaction((tx) => tx.notify('unheard by its own process'));
    await toBeDeaf();
    expect(hearing.heard).toEqual([]);
    await database.transaction((tx) => tx.notify('unheard too'));
  });

  it('starts all the same when it cannot hear yet, and hears once it can', async () => {
    const late = await openNotes(proxy.database(testDatabase), { hearing: TIMES });
    await proxy.cut();
    await late.notifications.start();
    expect(late.notifications.inSync).toBe(false);
    const heard = new Hearing(late).next('pulse');
    await proxy.restore();
    await heard;
    expect(late.notifications.inSync).toBe(true);
    await late.close();
  });
});
