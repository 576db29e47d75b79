import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, startAdministered } from '../support/admin-api.js';
import { ALICE, BOB, SHOP } from '../support/builders.js';
import { expectSession } from '../support/sessions.js';
import { LatchkeyInProcess, type Run } from '../support/latchkey.js';
import { otp, type MfaRequired } from '../support/second-factors.js';
import type { Stack } from '../support/stack.js';

interface Event {
  readonly kind: string;
  readonly subject: string | null;
  readonly client_id: string | null;
  readonly occurred_at: string;
}

const THROTTLING = { THROTTLE_FREE_ATTEMPTS: '3', THROTTLE_BASE_DELAY: '60', THROTTLE_MAX_DELAY: '600' };

describe('The command line for people: names, times, limits and colours', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;
  let sub: string;

  beforeAll(async () => {
    stack = await startAdministered('sqlite', { environment: THROTTLING });
    expectSession(await stack.login(ALICE));
    sub = ((await succeed('users', 'show', 'alice', '--json')).json as { sub: string }).sub;
  });

  afterAll(() => stack.stop());

  const root = () => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: ROOT.clientId,
    LATCHKEY_CLIENT_SECRET: ROOT.secret,
  });
  const run = (...arguments_: string[]): Promise<Run> => latchkey.run(arguments_, { environment: root() });

  async function succeed(...arguments_: string[]): Promise<Run> {
    const done = await run(...arguments_);
    expect({ status: done.status, stderr: done.stderr }).toMatchObject({ status: 0 });
    return done;
  }

  const events = async (...options: string[]): Promise<Event[]> =>
    (await succeed('audit-events', '--json', ...options)).json as Event[];

  it('says until when and why the logins of a user must wait', async () => {
    expect((await succeed('users', 'show', 'bob')).stdout).toMatch(/^throttled: +-$/m);
    for (let guess = 0; guess < 3; guess++) await stack.login({ ...BOB, password: 'guess' });
    expect((await succeed('users', 'show', 'bob')).stdout).toMatch(
      /^throttled: +without an address until \d{4}-\d\d-\d\dT[\d:]+Z: 3 failed logins$/m,
    );
    await succeed('users', 'unlock', 'bob');
    expect((await succeed('users', 'show', 'bob')).stdout).toMatch(/^throttled: +-$/m);
    const waiting = await stack.login(BOB, { acr_values: 'urn:latchkey:acr:mfa' });
    const { mfa_token: token } = waiting.json as MfaRequired;
    for (let guess = 0; guess < 3; guess++) await otp(stack, token, '000000');
    expect((await succeed('users', 'show', 'bob')).stdout).toMatch(
      /^throttled: +without an address until \d{4}-\d\d-\d\dT[\d:]+Z: 3 failed logins \(otp\)$/m,
    );
  });

  it('finds events of a user by name and by sub', async () => {
    const named = await events('--subject', 'alice', '--kind', 'login');
    expect(named).toHaveLength(1);
    expect(named).toEqual(await events('--subject', sub, '--kind', 'login'));
    expect(await events('--subject', 'nobody')).toEqual([]);
  });

  it('finds events by the user or client that caused them', async () => {
    expect((await events('--actor', 'root')).length).toBeGreaterThan(0);
    await succeed('clients', 'create', 'named-1', '--client-name', 'A named client');
    expect((await events('--client', 'A named client')).map(({ kind }) => kind)).toEqual(['client_created']);
  });

  it('takes a client by its name wherever it takes a client_id, unless several have the name', async () => {
    await succeed('clients', 'create', 'a.named', '--client-name', 'Two words');
    const { json } = await succeed('clients', 'show', 'Two words', '--json');
    expect(json).toMatchObject({ client_id: 'a.named' });
    await succeed('scopes', 'allow', 'resources:read', 'Two words');
    expect((await succeed('scopes', 'clients', 'resources:read')).stdout).toContain('a.named');
    expect((await succeed('authorizations', 'list', '--client', SHOP.clientId)).stdout).toContain('alice');
    await succeed('authorizations', 'list', '--client', 'Two words');
    await succeed('password-grant-usage', 'Two words');
    await succeed('clients', 'update', 'Two words', '--access-token-ttl', '60');
    await succeed('clients', 'secrets', 'list', 'Two words');
    await succeed('clients', 'create', 'b.named', '--client-name', 'Two words');
    const several = await run('clients', 'delete', 'Two words', '--yes');
    expect(several.status).toBe(2);
    expect(several.stderr).toContain('a.named, b.named');
    await succeed('clients', 'delete', 'a.named', '--yes');
    await succeed('clients', 'delete', 'Two words', '--yes');
    expect((await run('clients', 'show', 'b.named')).status).toBe(1);
  });

  it('says that a name needs a scope, where the client lacks it', async () => {
    const options = ['--scope', 'admin:audit:read', '--grant-types', 'client_credentials'];
    const created = await succeed(
      ...['clients', 'create', 'auditor', ...options, '--audience', stack.issuer, '--json'],
    );
    const { client_secret: secret } = created.json as { client_secret: string };
    const { status, stderr, json } = await latchkey.run(['audit-events', '--json', '--subject', 'alice'], {
      environment: {
        LATCHKEY_URL: stack.issuer,
        LATCHKEY_CLIENT_ID: 'auditor',
        LATCHKEY_CLIENT_SECRET: secret,
      },
    });
    expect({ status, json }).toEqual({ status: 0, json: [] });
    expect(stderr).toContain('alice is taken for an id: names need the scope admin:users:read');
  });

  it('takes durations and dates for times', async () => {
    const all = await events('--kind', 'login');
    expect(await events('--kind', 'login', '--since', '1h')).toEqual(all);
    expect(await events('--kind', 'login', '--since', '2020-01-31')).toEqual(all);
    expect(await events('--until', '1h')).toEqual([]);
    expect(await events('--since', '2999-01-31T12:00')).toEqual([]);
    await succeed('password-grant-usage', '--since', '90d');
    const before = Date.now();
    const added = await succeed(
      ...['clients', 'secrets', 'add', SHOP.clientId, '--expire-others-at', '7d', '--json'],
    );
    expect(added.status).toBe(0);
    const { json } = await succeed('clients', 'secrets', 'list', SHOP.clientId, '--json');
    const [end] = (json as { expires_at: string | null }[]).flatMap(({ expires_at: at }) => at ?? []);
    const week = 7 * 86_400_000;
    expect(Date.parse(end ?? '')).toBeGreaterThanOrEqual(before + week);
    expect(Date.parse(end ?? '')).toBeLessThanOrEqual(Date.now() + week);
    await succeed('clients', 'update', SHOP.clientId, '--password-grant-until', '2999-12-31');
  });

  it.each([['audit-events'], ['password-grant-usage']])('says what a time is, for %s', async (command) => {
    const { status, stderr } = await run(command, '--since', 'yesterday');
    expect(status).toBe(2);
    expect(stderr).toMatch(/2027-01-31T12:00:00Z.*2027-01-31.*1h/);
  });

  it.each([
    ['keys', 'list'],
    ['clients', 'list'],
    ['clients', 'secrets', 'list', SHOP.clientId],
    ['users', 'list'],
    ['scopes', 'list'],
    ['scopes', 'clients', 'resources:read'],
    ['authorizations', 'list'],
    ['audit-events'],
    ['password-grant-usage'],
    ['password-grant-usage', SHOP.clientId],
  ])('shows no more than --limit: %s %s %s', async (...command) => {
    const { json } = await succeed(...command.filter(Boolean), '--limit', '1', '--json');
    expect(json).toHaveLength(1);
  });

  it('says that there is more than --limit, also where the server sends all', async () => {
    expect((await succeed('keys', 'list', '--limit', '1')).stderr).toContain('There are more');
    const all = (await succeed('keys', 'list', '--all', '--json')).json as unknown[];
    expect(all.length).toBeGreaterThan(1);
  });

  it.each([
    ['users', 'update', 'alice'],
    ['clients', 'update', SHOP.clientId],
  ])('refuses %s %s without a change, and shows the options', async (...command) => {
    const { status, stdout, stderr } = await run(...command);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('nothing to change was given');
    expect(stderr).toMatch(/Usage: latchkey [^]*--/);
  });

  it('colours a terminal unless that is not wanted, and shows whole lines with --wide', async () => {
    const list = (options: string[], environment: Record<string, string> = {}) =>
      latchkey.succeed(['users', 'list', ...options], {
        environment: { ...root(), ...environment },
        columns: 80,
      });
    const { stdout: coloured } = await list([]);
    expect(coloured).toContain('\u001b[1mUSERNAME\u001b[0m');
    for (const plain of [
      await list(['--no-color']),
      await list([], { NO_COLOR: '1' }),
      await list([], { TERM: 'dumb' }),
      await succeed('users', 'list'),
    ]) {
      expect(plain.stdout).not.toContain('\u001b');
    }
    expect((await list([], { NO_COLOR: '' })).stdout).toBe(coloured);
    const groups = Array.from('abcdefghijklmnopqrst').join(', ');
    await succeed('users', 'update', ALICE.username, '--groups', groups.replaceAll(' ', ''));
    expect((await list([])).stdout).not.toContain(groups);
    expect((await list(['--wide'])).stdout).toContain(groups);
  });
});
