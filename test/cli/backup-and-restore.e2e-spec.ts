import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { ALICE } from '../support/builders.js';
import { expectOAuthError } from '../support/expectations.js';
import { Installation } from '../support/installation.js';
import { LatchkeyInProcess, LatchkeyProcess, offlineEnvironment } from '../support/latchkey.js';
import { auditKindsOf, expectSession, isActive, passTime, type Session } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

const ISSUER = { ISSUER: 'https://login.example.com' };

describe('latchkey backup and restore', () => {
  let installation: Installation;
  let latchkey: LatchkeyInProcess;
  let stack: Stack | undefined;
  let backup: string;

  const path = () => installation.database.url.replace('sqlite:', '');

  const start = async (): Promise<Stack> => (stack = await installation.start(undefined, ISSUER));

  const stop = async (): Promise<void> => {
    await stack?.stop();
    stack = undefined;
  };

  const login = async (at: Stack): Promise<Session> => expectSession(await at.login(ALICE));

  beforeEach(async () => {
    installation = await Installation.create('sqlite');
    latchkey = new LatchkeyInProcess(offlineEnvironment(installation.database));
    backup = join(latchkey.home, 'backup.sqlite');
  });

  afterEach(async () => {
    await stop();
    await installation.drop();
  });

  it('copies what was acknowledged, while the server answers, into a file that only its owner reads', async () => {
    const running = await start();
    const another = new LatchkeyProcess(offlineEnvironment(installation.database));
    const sids: string[] = [];
    let busy = true;
    const load = (async () => {
      while (busy) sids.push((await login(running)).access_token);
    })();
    while (sids.length < 3) await login(running);
    const acknowledged = sids.length;
    await another.succeed(['backup', backup]);
    busy = false;
    await load;

    expect((await stat(backup)).mode & 0o777).toBe(0o600);
    const copy = new BetterSqlite3(backup, { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    const stored = copy.prepare('SELECT count(*) FROM authorizations').pluck().get() as number;
    copy.close();
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
  });

  it('never overwrites a file, and leaves nothing behind when it fails', async () => {
    await installation.during(undefined, () => Promise.resolve(), ISSUER);
    await writeFile(backup, 'precious');
    const refused = await latchkey.run(['backup', backup]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('not overwritten') });
    expect(await readFile(backup, 'utf8')).toBe('precious');
    const nowhere = await latchkey.run(['backup', join(latchkey.home, 'missing', 'x')]);
    expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringContaining('no such file or folder') });
    const missing = { environment: { DATABASE_URL: `sqlite:${join(latchkey.home, 'none.sqlite')}` } };
    expect((await latchkey.run(['backup', `${backup}2`], missing)).status).not.toBe(0);
    expect(await readdir(dirname(backup))).not.toContain('backup.sqlite2');
  });

  it('sends whoever has PostgreSQL to its own tools', async () => {
    const environment = { DATABASE_URL: 'postgres://latchkey@127.0.0.1:1/latchkey' };
    for (const command of ['backup', 'restore']) {
      const run = await latchkey.run([command, backup], { environment });
      expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining('pg_') });
    }
  });

  it('restores users and clients, and no session: nothing revoked or spent comes back', async () => {
    let running = await start();
    const kept = await login(running);
    const revoked = await login(running);
    const spent = await login(running);
    await latchkey.succeed(['backup', backup]);
    await running.revoke(revoked.refresh_token);
    const successor = expectSession(await running.refresh(spent.refresh_token));

    const refused = await latchkey.run(['restore', backup]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('Stop the server') });
    expect(await isActive(running, kept)).toBe(true);
    await stop();
    const run = await latchkey.succeed(['restore', backup, '--json']);
    const { replaced } = run.json as { replaced: string };
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(replaced)).isFile()).toBe(true);

    running = await start();
    for (const session of [kept, revoked, spent, successor]) {
      expect(await isActive(running, session)).toBe(false);
      expectOAuthError(await running.refresh(session.refresh_token), 400, 'invalid_grant');
    }
    const again = await login(running);
    expect(await isActive(running, again)).toBe(true);
    expectSession(await running.refresh(again.refresh_token));
  });

  it('restores what a killed server left beside its file too', async () => {
    await installation.during(undefined, () => Promise.resolve(), ISSUER);
    const killed = join(latchkey.home, 'killed.sqlite');
    const open = new BetterSqlite3(path());
    open.pragma('journal_mode = WAL');
    open.exec(`UPDATE users SET username = 'renamed' WHERE username = 'alice'`);
    for (const suffix of ['', '-wal']) await copyFile(path() + suffix, killed + suffix);
    open.close();
    await latchkey.succeed(['restore', killed]);
    const restored = new BetterSqlite3(path(), { readonly: true });
    const names = restored.prepare('SELECT username FROM users').pluck().all();
    restored.close();
    expect(names).toContain('renamed');
    expect((await readdir(dirname(path()))).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it('restores nothing in development without the master key of that time, and makes none', async () => {
    const running = await start();
    const session = await login(running);
    await latchkey.succeed(['backup', backup]);
    await stop();
    const data = join(latchkey.home, 'data');
    const environment = { LATCHKEY_MASTER_KEY: undefined, LATCHKEY_DATA_DIR: data };
    const refused = await latchkey.run(['restore', backup], { environment });
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('another master key') });
    await expect(stat(data)).rejects.toThrow('ENOENT');
    expect(await isActive(await start(), session)).toBe(true);
  });

  it('a file that was put in place by hand revives what was revoked, and finds out by a newer refresh token', async () => {
    let running = await start();
    const revoked = await login(running);
    const spent = await login(running);
    await latchkey.succeed(['backup', backup]);
    await running.revoke(revoked.refresh_token);
    const successor = expectSession(await running.refresh(spent.refresh_token));
    await stop();
    await copyFile(backup, path());

    running = await start();
    expect(await isActive(running, revoked)).toBe(true);
    await passTime(running, spent, 31);
    expectOAuthError(await running.refresh(successor.refresh_token), 400, 'invalid_grant');
    expect(await auditKindsOf(running, spent)).toContain('rollback_detected');
    expect(await isActive(running, spent)).toBe(false);
  });

  it('refuses what is damaged, no database of ours, of a newer version or of another master key, and changes nothing', async () => {
    const running = await start();
    const session = await login(running);
    await latchkey.succeed(['backup', backup]);
    await stop();
    const restoring = async (content: (file: string) => unknown, environment = {}) => {
      const file = join(latchkey.home, `${Math.random()}.sqlite`);
      await copyFile(backup, file);
      await content(file);
      const run = await latchkey.run(['restore', file], { environment });
      expect(run.status).toBe(1);
      return run.stderr;
    };
    const alter = (statement: string) => (file: string) => new BetterSqlite3(file).exec(statement).close();
    expect(await restoring((file) => writeFile(file, 'noise '.repeat(10_000)))).toContain('damaged');
    expect(await restoring((file) => alter('DROP TABLE authorization_server_migrations')(file))).toContain(
      'not a database of an authorization server',
    );
    const newer = `INSERT INTO authorization_server_migrations (timestamp, name) VALUES (1, 'FromTheFuture1')`;
    expect(await restoring(alter(newer))).toMatch(/newer version.*FromTheFuture1/s);
    const key = Buffer.alloc(32, 'another key').toString('base64');
    expect(await restoring(() => undefined, { LATCHKEY_MASTER_KEY: key })).toContain('another master key');
    expect(await isActive(await start(), session)).toBe(true);
  });
});
