import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCommandLine } from '../../apps/authorization-server/src/cli/program.js';
import { Terminal } from '../../apps/authorization-server/src/cli/terminal.js';
import { ROOT, startAdministered } from '../support/admin-api.js';
import { ALICE, SHOP } from '../support/builders.js';
import { LatchkeyInProcess } from '../support/latchkey.js';
import { expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

/** What the rows of a list are known by, and when. */
const LISTS: readonly (readonly [string, readonly string[]])[] = [
  [
    'authorizations list',
    ['id', 'username', 'client_id', 'state', 'created_at', 'last_used_at', 'expires_at'],
  ],
  ['audit-events --all', ['occurred_at', 'kind', 'outcome', 'actor', 'subject', 'client_id', 'address']],
  ['users list', ['username', 'sub', 'enabled']],
  ['clients list', ['client_id', 'enabled']],
  [`clients secrets list ${SHOP.clientId}`, ['id', 'created_at', 'expires_at', 'last_used_at']],
  ['keys list', ['kid', 'purpose', 'state', 'created_at']],
  ['scopes list', ['name']],
  ['scopes clients resources:read', ['client_id']],
  ['password-grant-usage', ['client_id', 'password_grant_until', 'last_login_at']],
  [`password-grant-usage ${SHOP.clientId}`, ['username', 'sub', 'last_login_at']],
];

/** Every way of the command line in a real terminal is in test/cli/prompts.e2e-spec.ts. */
describe('A person at a terminal', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
    expectSession(await stack.login(ALICE));
    await list('clients', 'secrets', 'add', SHOP.clientId);
  });

  afterAll(() => stack.stop());

  const environment = () => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: ROOT.clientId,
    LATCHKEY_CLIENT_SECRET: ROOT.secret,
  });

  async function list(...command: string[]): Promise<unknown> {
    return (await latchkey.succeed([...command, '--json'], { environment: environment() })).json;
  }

  it('leaves nothing to the shell of what it typed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-terminal-'));
    execFileSync('mkfifo', [join(folder, 'terminal')]);
    const fd = openSync(join(folder, 'terminal'), constants.O_RDWR | constants.O_NONBLOCK);
    const keyboard = Object.assign(new PassThrough(), { isTTY: true, fd });
    const screen = Object.assign(new PassThrough(), { isTTY: true });
    const terminal = new Terminal(keyboard, screen, screen);
    try {
      const login = runCommandLine(['login', ALICE.username, '--client-id', SHOP.clientId], {
        terminal,
        environment: environment(),
      });
      // The first answer is in one piece with nothing, the second one with what nothing asks for.
      keyboard.write(`${SHOP.secret}\r`);
      keyboard.write(`${ALICE.password}\rtouch typed-into-the-shell\r`);
      writeSync(fd, 'typed while the command ended\r');
      expect(await login).toBe(0);
      expect(keyboard.isPaused()).toBe(true);
      expect(String(screen.read())).not.toContain(ALICE.password);
      expect(() => readSync(fd, Buffer.alloc(100))).toThrow('EAGAIN');
    } finally {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  });

  it.each([80, 100].flatMap((columns) => LISTS.map(([command, keys]) => [columns, command, keys] as const)))(
    'sees every id, name and time whole at %d columns: %s',
    async (columns, line, keys) => {
      const command = line.split(' ');
      const rows = (await list(...command)) as Record<string, string | boolean | null>[];
      const { stdout } = await latchkey.succeed(command, { environment: environment(), columns });
      const lines = stdout
        .replace(/\u001b\[\d+m/g, '')
        .trimEnd()
        .split('\n');
      for (const shown of lines) expect(shown.length).toBeLessThanOrEqual(columns);
      const words = new Set(lines.flatMap((shown) => shown.split(/ +/)));
      const values = rows.flatMap((row) => keys.map((key) => String(row[key] ?? '-')));
      expect(values.length).toBeGreaterThan(0);
      expect(values.filter((value) => !words.has(value.replace(/\.\d+Z$/, 'Z')))).toEqual([]);
    },
  );
});
