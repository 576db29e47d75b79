import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CLIENT_MANAGER, EVERYTHING, ROOT, startAdministered } from '../support/admin-api.js';
import { administerClient } from '../support/administration.js';
import type { Credentials } from '../support/http.js';
import { LatchkeyInProcess, type Run } from '../support/latchkey.js';
import type { Stack } from '../support/stack.js';

describe('Profiles of the command line', () => {
  let latchkey: LatchkeyInProcess;
  let stack: Stack;
  let auditor: Credentials;

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
    latchkey = new LatchkeyInProcess();
    const options = ['--scope', 'admin:audit:read', '--grant-types', 'client_credentials', '--json'];
    const created = await run(['clients', 'create', 'auditor', '--audience', stack.issuer, ...options]);
    auditor = { clientId: 'auditor', secret: (created.json as { client_secret: string }).client_secret };
  });

  beforeEach(() => {
    latchkey = new LatchkeyInProcess();
  });

  afterAll(() => stack.stop());

  const of = ({ clientId, secret }: Credentials) => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: clientId,
    LATCHKEY_CLIENT_SECRET: secret,
  });
  const run = (command: string[], as = ROOT): Promise<Run> => latchkey.run(command, { environment: of(as) });
  const set = (
    name: string,
    { secret, url = stack.issuer, options = [] }: { secret: string; url?: string; options?: string[] },
  ) =>
    latchkey.run(['profiles', 'set', name, '--url', url, '--client-id', ROOT.clientId, ...options], {
      input: secret,
    });
  const names = async () =>
    ((await latchkey.succeed(['profiles', 'list', '--json'])).json as { name: string }[]).map(
      ({ name }) => name,
    );
  const issued = async () => {
    const events = await run(['audit-events', '--kind', 'client_authorized', '--all', '--json']);
    return (events.json as unknown[]).length;
  };

  it('are stored when the server knows the client', async () => {
    expect(await set('right', { secret: ROOT.secret })).toMatchObject({ status: 0 });
    const wrong = await set('wrong', { secret: 'not-the-secret-0123456789abcdefghijklm' });
    expect(wrong.status).toBe(4);
    expect(wrong.stderr).toContain('Nothing was stored; --no-verify');
    const unreachable = await set('unreachable', { secret: ROOT.secret, url: 'http://127.0.0.1:1' });
    expect(unreachable.status).toBe(3);
    expect(unreachable.stderr).toContain('Nothing was stored');
    expect(await names()).toEqual(['right']);
    const options = ['--no-verify'];
    expect((await set('later', { secret: ROOT.secret, url: 'http://127.0.0.1:1', options })).status).toBe(0);
    expect(await names()).toEqual(['right', 'later']);
  });

  it('show which one commands use', async () => {
    await set('default', { secret: ROOT.secret });
    await set('other', { secret: ROOT.secret });
    const current = async (environment: Record<string, string> = {}) => {
      const { stdout } = await latchkey.succeed(['profiles'], { environment });
      return stdout.split('\n').filter((line) => line.startsWith('*'));
    };
    expect(await current()).toEqual([expect.stringMatching(/^\* +default /)]);
    expect(await current({ LATCHKEY_PROFILE: 'other' })).toEqual([expect.stringMatching(/^\* +other /)]);
    expect(await current(of(ROOT))).toEqual([]);
    const whoami = async (...options: string[]) =>
      (await latchkey.succeed(['whoami', '--json', ...options])).json as { profile: string };
    expect((await whoami()).profile).toBe('default');
    expect((await whoami('--profile', 'other')).profile).toBe('other');
  });

  it('say who a command acts as, and what that may do', async () => {
    const { json } = await run(['whoami', '--json']);
    const { token_expires_at: end, scope, ...rest } = json as Record<string, string>;
    expect(rest).toEqual({ profile: null, server: stack.issuer, client_id: 'root', client_name: 'root' });
    expect(scope).toBe(EVERYTHING);
    expect(Date.parse(end ?? '')).toBeGreaterThan(Date.now());
    expect((await run(['whoami', '--json'], CLIENT_MANAGER)).json).toMatchObject({ scope: 'admin:clients' });
    expect((await run(['whoami', '--json'], auditor)).json).toMatchObject({
      client_id: 'auditor',
      scope: 'admin:audit:read',
    });
    const wrong = await run(['whoami'], { ...ROOT, secret: 'not-the-secret-0123456789abcdefghijklm' });
    expect(wrong.status).toBe(4);
  });

  it('need one access token for many commands', async () => {
    const before = await issued();
    for (let command = 0; command < 5; command++) await run(['users', 'list']);
    for (let command = 0; command < 5; command++) await run(['scopes', 'list']);
    expect(await issued()).toBe(before + 2);
  });

  it('keep access tokens where only their owner can read them, and each with its secret only', async () => {
    await set('default', { secret: ROOT.secret });
    await run(['users', 'list'], ROOT);
    await run(['audit-events'], auditor);
    const folder = join(latchkey.home, '.config/latchkey/tokens');
    const files = readdirSync(folder);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
      const text = readFileSync(join(folder, file), 'latin1');
      for (const secret of [ROOT.secret, auditor.secret, 'eyJ', 'lka_']) expect(text).not.toContain(secret);
    }
    const wrong = { ...ROOT, secret: 'not-the-secret-0123456789abcdefghijklm' };
    expect((await run(['users', 'list'], wrong)).status).toBe(4);
    await latchkey.succeed(['profiles', 'delete', 'default']);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('throw an access token away that the server refuses, or that lacks a new scope', async () => {
    await run(['audit-events'], auditor);
    await administerClient(stack, auditor.clientId).endAuthorizations();
    expect((await run(['audit-events'], auditor)).status).toBe(0);

    const before = await run(['scopes', 'list'], CLIENT_MANAGER);
    expect(before.status).toBe(4);
    const given = [
      ...['clients', 'create', 'given-1', '--grant-types', 'client_credentials'],
      ...['--scope', 'admin:scopes:read', '--audience', stack.issuer],
    ];
    await run(['clients', 'create', 'warm-up'], CLIENT_MANAGER);
    expect((await run(given, CLIENT_MANAGER)).status).toBe(4);
    await run(['clients', 'update', CLIENT_MANAGER.clientId, '--scope', 'admin:clients admin:scopes:read']);
    expect(await run(given, CLIENT_MANAGER)).toMatchObject({ status: 0 });
  });
});
