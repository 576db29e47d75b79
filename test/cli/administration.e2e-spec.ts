import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminClient } from '../../apps/authorization-server/src/cli/online/admin-client.js';
import { TokenCache } from '../../apps/authorization-server/src/cli/online/token-cache.js';
import { CLIENT_MANAGER, ROOT, startAdministered } from '../support/admin-api.js';
import { administerClient } from '../support/administration.js';
import { ALICE, SHOP } from '../support/builders.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { LatchkeyInProcess, type Run } from '../support/latchkey.js';
import { expectSession, isActive } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

/** What the API does is tested where it is; here is what the command line makes of it. */
describe('latchkey on a running server', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
  });

  afterAll(() => stack.stop());

  const environmentOf = ({ clientId, secret }: Credentials) => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: clientId,
    LATCHKEY_CLIENT_SECRET: secret,
  });
  const run = (arguments_: string[], input = '', as: Credentials = ROOT): Promise<Run> =>
    latchkey.run(arguments_, { environment: environmentOf(as), input });
  const succeed = async (arguments_: string[], input = ''): Promise<Run> => {
    const done = await run(arguments_, input);
    expect({ status: done.status, stderr: done.stderr }).toMatchObject({ status: 0 });
    return done;
  };

  it('shows lists as tables, and as JSON', async () => {
    const { stdout } = await succeed(['clients', 'list', '--prefix', SHOP.clientId]);
    const [titles, row, ...rest] = stdout.trimEnd().split('\n');
    expect(titles).toMatch(/^CLIENT ID +NAME +TYPE +GRANT TYPES +ENABLED +SCOPE$/);
    expect(row).toMatch(/^shop-backend +shop-backend +confidential +password, refresh_token +/);
    expect(rest).toEqual([]);
    const { json } = await succeed(['clients', 'list', '--json']);
    expect((json as { client_id: string }[]).map((client) => client.client_id)).toContain(SHOP.clientId);
  });

  it('says when there is more, and gets all of it where that is asked for', async () => {
    const some = await succeed(['scopes', 'list', '--limit', '3']);
    expect(some.stdout.trimEnd().split('\n')).toHaveLength(4);
    expect(some.stderr).toContain('There are more');
    const all = await succeed(['scopes', 'list', '--all', '--json']);
    expect((all.json as unknown[]).length).toBeGreaterThan(12);
    expect((await succeed(['clients', 'list', '--prefix', 'nobody'])).stderr).toContain('Nothing found');
  });

  it('changes what is given and nothing else, and takes away with none', async () => {
    await succeed([
      'clients',
      'create',
      'a client',
      '--client-name',
      'One',
      '--audience',
      'https://a.example',
    ]);
    const options = ['--access-token-ttl', '60', '--client-name', 'Two'];
    const { json } = await succeed(['clients', 'update', 'a client', ...options, '--json']);
    expect(json).toMatchObject({ client_name: 'Two', access_token_ttl: 60, audience: ['https://a.example'] });
    const taken = await succeed(['clients', 'update', 'a client', '--access-token-ttl', 'none', '--json']);
    expect(taken.json).toMatchObject({ client_name: 'Two', access_token_ttl: null });
    await succeed(['clients', 'delete', 'a client', '--yes']);
    expect((await run(['clients', 'show', 'a client'])).status).toBe(1);
  });

  it('disables and enables a client, whose tokens stay ended', async () => {
    const session = expectSession(await stack.login(ALICE));
    await succeed(['clients', 'disable', SHOP.clientId]);
    expectOAuthError(await stack.login(ALICE), 401, 'invalid_client');
    await succeed(['clients', 'enable', SHOP.clientId]);
    expect(await isActive(stack, session)).toBe(false);
    expectTokens(await stack.login(ALICE));
  });

  it('associates scopes and clients', async () => {
    await succeed(['scopes', 'create', 'reports']);
    await succeed(['scopes', 'allow', 'reports', SHOP.clientId]);
    expect((await succeed(['scopes', 'clients', 'reports'])).stdout).toContain(SHOP.clientId);
    const used = await run(['scopes', 'delete', 'reports']);
    expect(used.status).toBe(1);
    await succeed(['scopes', 'forbid', 'reports', SHOP.clientId]);
    await succeed(['scopes', 'describe', 'reports', 'Read reports']);
    await succeed(['scopes', 'delete', 'reports']);
  });

  it('sets passwords, disables, unlocks and deletes users, by name or by sub', async () => {
    await succeed(['users', 'create', 'carol', '--password-stdin'], 'lantern crisp mortal tray');
    const { sub } = (await succeed(['users', 'show', 'carol', '--json'])).json as { sub: string };
    const carol = { username: 'carol', password: 'another long passphrase' };
    await succeed(['users', 'set-password', sub, '--password-stdin'], carol.password);
    expectTokens(await stack.login(carol));
    await succeed(['users', 'disable', 'carol']);
    expectOAuthError(await stack.login(carol), 400, 'invalid_grant');
    await succeed(['users', 'enable', 'carol']);
    await succeed(['users', 'unlock', 'carol']);
    expect(
      (await succeed(['users', 'update', 'carol', '--groups', 'staff,sales', '--json'])).json,
    ).toMatchObject({ groups: ['staff', 'sales'] });
    await succeed(['users', 'delete', sub, '--yes']);
    expect((await run(['users', 'show', 'carol'])).status).toBe(1);
  });

  it('imports users of another system, or says which line is wrong', async () => {
    const lines = [
      { username: 'dora', password_hash: '$2b$04$abcdefghijklmnopqrstuuO7wfH1GL/N7VXYkDzMxEkwEcFzTYLTe' },
      { username: 'emil', password: 'a passphrase of emil' },
    ].map((user) => JSON.stringify(user));
    expect((await succeed(['users', 'import', '-'], lines.join('\n'))).stderr).toContain('Imported 2 users');
    expectTokens(await stack.login({ username: 'emil', password: 'a passphrase of emil' }));
    const broken = await run(['users', 'import', '-'], `${lines[0]}\nnonsense`);
    expect(broken.status).toBe(2);
    expect(broken.stderr).toContain('line 2: it is not a JSON object');
    const taken = await run(['users', 'import', '-'], lines[1]);
    expect(taken.status).toBe(1);
    expect(taken.stderr).toContain('line 1: username: is taken');
  });

  it('takes a password behind a byte-order mark, which is no part of it', async () => {
    const felix = { username: 'felix', password: 'lantern crisp mortal tray' };
    await succeed(['users', 'create', felix.username, '--password-stdin'], `\ufeff${felix.password}\r\n`);
    expectTokens(await stack.login(felix));
  });

  it('imports more than one request may hold', async () => {
    const groups = Array.from({ length: 40 }, (_, index) => `a-group-with-a-long-name-${index}`);
    const hash = '$2b$04$abcdefghijklmnopqrstuuO7wfH1GL/N7VXYkDzMxEkwEcFzTYLTe';
    const lines = Array.from({ length: 120 }, (_, index) =>
      JSON.stringify({ username: `imported-${index}`, password_hash: hash, groups }),
    );
    const done = await succeed(['users', 'import', '-'], lines.join('\n'));
    expect(done.stderr).toContain('Imported 120 users');
    expect(done.stderr.match(/Imported \d+ of 120/g)?.length).toBeGreaterThan(1);
  });

  it('goes on when its token has ended', async () => {
    const { clientId, secret: clientSecret } = ROOT;
    const connection = { url: stack.issuer, clientId, clientSecret };
    const client = new AdminClient(connection, new TokenCache({ HOME: latchkey.home }, connection));
    const list = () => client.request<{ data: unknown[] }>('users', { path: 'users' });
    expect((await list()).body.data).not.toEqual([]);
    await administerClient(stack, clientId).endAuthorizations();
    expect((await list()).body.data).not.toEqual([]);
  });

  it('lists and rotates keys', async () => {
    expect((await succeed(['keys', 'list'])).stdout).toMatch(/signing +ES256 +active/);
    const soon = await run(['keys', 'rotate', 'signing']);
    expect(soon.status).toBe(1);
    expect(soon.stderr).toContain('force');
    await succeed(['keys', 'rotate', 'signing', '--force']);
    expect((await succeed(['keys', 'list'])).stdout).toMatch(/signing +ES256 +retired/);
    expect((await run(['keys', 'rotate', 'digest'])).status).toBe(2);
  });

  it('names every wrong field', async () => {
    const refused = await run(['clients', 'create', 'x', '--scope', 'no:such', '--access-token-ttl', '0']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('access_token_ttl: ');
    expect(refused.stdout).toBe('');
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['nobody', { LATCHKEY_CLIENT_ID: 'nobody' }, 4, 'Client authentication failed'],
    ['a wrong secret', { LATCHKEY_CLIENT_SECRET: 'wrong' }, 4, 'Client authentication failed'],
    ['no server', { LATCHKEY_URL: 'http://127.0.0.1:1' }, 3, 'cannot be reached'],
    ['no credentials', { LATCHKEY_CLIENT_ID: '' }, 2, 'No client to act as'],
  ])('ends with a status of its own for %s', async (_name, changes, status, message) => {
    const refused = await latchkey.run(['users', 'list'], {
      environment: { ...environmentOf(ROOT), ...changes },
    });
    expect(refused.status).toBe(status);
    expect(refused.stderr).toContain(message);
  });

  it('acts with what the client may do, and no more', async () => {
    const refused = await run(['users', 'list'], '', CLIENT_MANAGER);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('admin:users');
    expect((await run(['clients', 'list'], '', CLIENT_MANAGER)).status).toBe(0);
    const greedy = [
      'clients',
      'create',
      'greedy',
      '--scope',
      'admin:users',
      '--grant-types',
      'client_credentials',
    ];
    expect((await run(greedy, '', CLIENT_MANAGER)).status).toBe(4);
  });

  it('lets administrators give what they hold', async () => {
    const given = [
      'clients',
      'create',
      'deputy',
      '--scope',
      'admin:users',
      '--grant-types',
      'client_credentials',
    ];
    await succeed([...given, '--audience', 'https://a.example']);
  });

  it('asks before what cannot be undone, and does not do it where there is nobody to ask', async () => {
    const refused = await run(['clients', 'delete', SHOP.clientId]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('--yes');
    expectTokens(await stack.login(ALICE));
  });

  it('uses stored profiles, whose secrets only their owner can read', async () => {
    const set = await latchkey.run(
      ['profiles', 'set', 'test', '--url', stack.issuer, '--client-id', ROOT.clientId],
      { input: ROOT.secret },
    );
    expect(set.status).toBe(0);
    const path = join(latchkey.home, '.config/latchkey/profiles.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain(ROOT.secret);
    expect((await latchkey.run(['profiles', 'list'])).stdout).not.toContain(ROOT.secret);
    expect((await latchkey.run(['scopes', 'list', '--profile', 'test'])).status).toBe(0);
    expect((await latchkey.run(['profiles', 'delete', 'test'])).status).toBe(0);
    expect((await latchkey.run(['scopes', 'list', '--profile', 'test'])).status).toBe(2);
  });
});
