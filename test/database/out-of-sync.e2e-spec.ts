import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { ReceivedNotifications } from '../support/received-notifications.js';
import { openNotes } from '../support/notes-database.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Quick to notice, and patient enough for a slow machine. */
const TIMES = { interval: 100, limit: 1000 };

const listening = (sent: string): boolean => sent.includes('LISTEN');

describe('A process that does not receive the notifications of PostgreSQL', () => {
  let testDatabase: TestDatabase;
  let proxy: TcpProxy;
  let database: Database;
  let notifications: ReceivedNotifications;
  let other: Database;

  const openThroughProxy = async () => {
    const opened = await openNotes(proxy.database(testDatabase));
    Object.assign(opened.notifications.times, TIMES);
    return opened;
  };

  const notifyElsewhere = (payload: string) => other.transaction((tx) => tx.notify(payload));

  beforeEach(async () => {
    testDatabase = await createDatabase('postgres');
    proxy = await TcpProxy.inFrontOf(testDatabase);
    database = await openThroughProxy();
    other = await openNotes(testDatabase);
    notifications = new ReceivedNotifications(database);
    await database.notifications.start();
    expect(database.notifications.inSync).toBe(true);
  });

  afterEach(async () => {
    await database.close();
    await other.close();
    await proxy.cut();
    await testDatabase.drop();
  });

  /** A slow machine may have been out of sync for a moment before, and then is told of it only once. */
  const toBeOutOfSync = async () => {
    while (database.notifications.inSync)
      await Promise.race([notifications.next('outOfSync'), notifications.next('pulse')]);
  };

  const expectInSyncAgain = async () => {
    while (!database.notifications.inSync) await notifications.next('pulse');
    expect(database.notifications.inSync).toBe(true);
    await notifyElsewhere('received again');
    await notifications.until(() => notifications.received.includes('received again'));
  };

  it('knows it when its connection is lost, and is in sync again over another one', async () => {
    await other.query(
      sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await toBeOutOfSync();
    expect(database.notifications.inSync).toBe(false);
    await expectInSyncAgain();
  });

  it.each([
    ['what is sent to it', listening],
    ['what it sends', (sent: string) => sent.includes('pg_notify')],
    ['anything at all', () => true],
  ])('knows it when %s arrives no more, though no connection breaks', async (_, connections) => {
    proxy.freeze(connections);
    await notifyElsewhere('missed');
    await toBeOutOfSync();
    expect(database.notifications.inSync).toBe(false);
    proxy.thaw();
    await expectInSyncAgain();
  });

  it('ignores what it receives late: a new connection begins anew', async () => {
    proxy.freeze(listening);
    await notifyElsewhere('missed');
    await toBeOutOfSync();
    proxy.thaw();
    await expectInSyncAgain();
    expect(notifications.received).toEqual(['received again']);
  });

  it('does not hold up who writes longer than it takes to notice', async () => {
    proxy.freeze(listening);
    await database.transaction((tx) => tx.notify('not received by its own process'));
    await toBeOutOfSync();
    expect(notifications.received).toEqual([]);
    await database.transaction((tx) => tx.notify('not received either'));
  });

  it('starts all the same when it cannot receive yet, and is in sync once it can', async () => {
    const late = await openThroughProxy();
    await proxy.cut();
    await late.notifications.start();
    expect(late.notifications.inSync).toBe(false);
    const heard = new ReceivedNotifications(late).next('pulse');
    await proxy.restore();
    await heard;
    expect(late.notifications.inSync).toBe(true);
    await late.close();
  });
});
