import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { describeEachDatabase } from '../support/databases.js';
import { note, NotesDatabase } from '../support/notes-database.js';
import { ReceivedNotifications } from '../support/received-notifications.js';

describeEachDatabase('Notifications', (dialect) => {
  let notes: NotesDatabase;
  let notifications: ReceivedNotifications;

  const writeAndNotify = (name: string, database: Database = notes.database) =>
    database.transaction(async (tx) => {
      await note(tx, name);
      await tx.notify(`wrote ${name}`);
    });

  beforeEach(async () => {
    notes = await NotesDatabase.open(dialect);
    notifications = new ReceivedNotifications(notes.database);
    await notes.database.notifications.start();
  });

  afterEach(() => notes.close());

  it('are told before the writer is told of the commit', async () => {
    await writeAndNotify('a');
    expect(notifications.received).toEqual(['wrote a']);
  });

  it('are told in the order of the commits', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `note ${index}`);
    for (const name of names) await writeAndNotify(name);
    expect(notifications.received).toEqual(names.map((name) => `wrote ${name}`));
  });

  it('are told once for each unit of work, also of those that are written together', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `note ${index}`);
    await Promise.all(names.map((name) => writeAndNotify(name)));
    expect([...notifications.received].sort()).toEqual(names.map((name) => `wrote ${name}`).sort());
  });

  it('are not told when the unit of work fails, nor by its neighbours', async () => {
    const failing = notes.database.transaction(async (tx) => {
      await tx.notify('never');
      await note(tx, 'a');
      throw new Error('changed its mind');
    });
    await Promise.all([expect(failing).rejects.toThrow('changed its mind'), writeAndNotify('b')]);
    expect(notifications.received).toEqual(['wrote b']);
  });

  it('are not told when the commit fails', async () => {
    const failing = notes.database.transaction(async (tx) => {
      await tx.notify('never');
      await note(tx, 'orphan', 'nobody');
    });
    await expect(failing).rejects.toThrow();
    await writeAndNotify('b');
    expect(notifications.received).toEqual(['wrote b']);
  });

  it('reach all listeners, also when one of them fails', async () => {
    notes.database.notifications.subscribe({
      notified() {
        throw new Error('a listener must not fail');
      },
    });
    const second = new ReceivedNotifications(notes.database);
    await writeAndNotify('a');
    expect([notifications.received, second.received]).toEqual([['wrote a'], ['wrote a']]);
  });

  it('carry any text of 7,900 bytes, and no more', async () => {
    const payload = `"\n'\\ ${'ä'.repeat(3947)}`;
    await notes.database.transaction((tx) => tx.notify(payload));
    expect(notifications.received).toEqual([payload]);
    const tooLarge = notes.database.transaction((tx) => tx.notify(`${payload}ä`));
    await expect(tooLarge).rejects.toThrow(RangeError);
  });

  it('come with a clock that is not behind the database', async () => {
    await notifications.next('pulse');
    for (let turn = 0; turn < 20; turn++) {
      const [row] = await notes.database.query<{ now: number }>(sql`SELECT ${notes.database.now} AS now`);
      expect(notes.database.notifications.latestTime()).toBeGreaterThanOrEqual(Number(row?.now));
    }
  });

  it('say up to which time everything was told', async () => {
    const before = notes.database.notifications.latestTime();
    await notifications.next('pulse');
    const now = await notifications.next('pulse');
    expect(Number(now)).toBeGreaterThan(before);
    expect(Number(now)).toBeLessThanOrEqual(notes.database.notifications.latestTime());
  });

  it('end with the database', async () => {
    expect(notes.database.notifications.inSync).toBe(true);
    const outOfSync = notifications.next('outOfSync');
    await notes.database.close();
    await outOfSync;
    expect(notes.database.notifications.inSync).toBe(false);
  });
});

describe('Notifications between processes [postgres]', () => {
  let notes: NotesDatabase;
  let other: Database;

  beforeEach(async () => {
    notes = await NotesDatabase.open('postgres');
    other = await notes.openAgain();
  });

  afterEach(async () => {
    await other.close();
    await notes.close();
  });

  it('reach each of them, in one order', async () => {
    const [here, there] = [new ReceivedNotifications(notes.database), new ReceivedNotifications(other)];
    await Promise.all([notes.database.notifications.start(), other.notifications.start()]);
    const payloads = Array.from({ length: 40 }, (_, index) => `note ${index}`);
    await Promise.all(
      payloads.map((payload, index) => {
        const database = index % 2 === 0 ? notes.database : other;
        return database.transaction((tx) => tx.notify(payload));
      }),
    );
    await here.until(() => here.received.length === 40);
    await there.until(() => there.received.length === 40);
    expect(here.received).toEqual(there.received);
    expect([...here.received].sort()).toEqual([...payloads].sort());
  });

  it('are sent by one that does not listen, which waits for nothing', async () => {
    const there = new ReceivedNotifications(other);
    await other.notifications.start();
    await notes.database.transaction((tx) => tx.notify('from the command line'));
    await there.until(() => there.received.length === 1);
    expect(there.received).toEqual(['from the command line']);
  });
});
