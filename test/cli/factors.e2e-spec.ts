import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jsQR from 'jsqr';
import { ROOT, startAdministered } from '../support/admin-api.js';
import { ALICE, BOB } from '../support/builders.js';
import { LatchkeyInProcess, LatchkeyProcess } from '../support/latchkey.js';
import { Authenticator } from '../support/second-factors.js';
import type { Stack } from '../support/stack.js';

const QUESTION = 'Code that the application shows: ';

/** Pixels of a module. */
const SCALE = 4;

describe('latchkey factors', () => {
  const quick = new LatchkeyInProcess();
  const latchkey = new LatchkeyProcess();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
  });

  afterAll(() => stack.stop());

  const environment = () => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: ROOT.clientId,
    LATCHKEY_CLIENT_SECRET: ROOT.secret,
  });
  const run = (...arguments_: string[]) => quick.run(arguments_, { environment: environment() });

  it.each([80, 100])(
    'adds one by a QR code in a terminal of %d columns, and its first code',
    async (columns) => {
      const user = `erin-${columns}`;
      await quick.succeed(['users', 'create', user, '--password-stdin'], {
        environment: environment(),
        input: BOB.password,
      });
      const { status, screen } = await latchkey.play(
        ['factors', 'add', user],
        [
          [QUESTION, '12345\r'],
          [QUESTION, (shown) => `${new Authenticator(secretOf(shown)).code()}\r`],
        ],
        { environment: environment(), columns },
      );
      expect(status).toBe(0);
      expect(screen).toContain('The code is wrong');
      expect(screen).toContain('Confirmed');
      const uri = new URL(readQrCode(screen));
      expect(uri.protocol).toBe('otpauth:');
      expect(decodeURIComponent(uri.pathname)).toMatch(new RegExp(`:${user}$`));
      expect(uri.searchParams.get('secret')).toBe(secretOf(screen));
      const list = await run('factors', 'list', user);
      expect(list.stdout).toMatch(/^ID +TYPE +STATE +CREATED +LAST USED\n[0-9a-f-]{36} +totp +active +/);
      expect(list.stderr).toContain('Recovery codes left: 0');
      expect(list.stdout).not.toContain(secretOf(screen));
    },
  );

  it('leaves out a QR code for which the terminal is too narrow, and ends when nothing is typed', async () => {
    const { status, screen } = await latchkey.play(['factors', 'add', ALICE.username], [[QUESTION, '\r']], {
      environment: environment(),
      columns: 40,
    });
    expect(status).toBe(1);
    expect(screen).toContain('The QR code needs');
    expect(screen).not.toContain('█');
    expect(screen).toContain('It is not confirmed');
  });

  it('adds, confirms and removes one in scripts', async () => {
    const added = await run('factors', 'add', BOB.username, '--json');
    const { id, secret } = added.json as { id: string; secret: string };
    expect(added.stderr).toContain(`latchkey factors confirm ${BOB.username} ${id}`);
    const wrong = await run('factors', 'confirm', BOB.username, id, '000 000');
    expect(wrong).toMatchObject({ status: 1 });
    expect(wrong.stderr).toContain('code: is wrong');
    const confirmed = await run('factors', 'confirm', BOB.username, id, new Authenticator(secret).code());
    expect(confirmed).toMatchObject({ status: 0 });
    const listed = await run('factors', 'list', BOB.username, '--json');
    expect(listed.json).toMatchObject({ data: [{ id, state: 'active' }], recovery_codes: 0 });
    expect(listed.stdout).not.toContain(secret);
    expect(await run('factors', 'remove', BOB.username, id, '--yes')).toMatchObject({ status: 0 });
    expect((await run('factors', 'list', BOB.username)).stderr).toContain('There is none');
    expect(await run('factors', 'remove', BOB.username, id, '--yes')).toMatchObject({ status: 1 });
    expect(await run('factors', 'add', 'nobody')).toMatchObject({ status: 1 });
  });
});

function secretOf(screen: string): string {
  return /secret: +([A-Z2-7]{32})/.exec(screen)?.[1] ?? '';
}

/** What a camera reads. */
function readQrCode(screen: string): string {
  const lines = screen.replaceAll(/\u001b\[[\d;]*m/g, '').match(/^[█▀▄ ]{20,}$/gmu) ?? [];
  const rows = lines.flatMap((line) => [
    [...line].map((half) => '█▀'.includes(half)),
    [...line].map((half) => '█▄'.includes(half)),
  ]);
  const width = rows[0]?.length ?? 0;
  const repeat = <T>(value: T): T[] => Array.from({ length: SCALE }, () => value);
  const pixel = (isLight: boolean): number[] => [0, 0, 0, 255].map((base) => (isLight ? 255 : base));
  const pixels = rows.flatMap((row) => repeat(row.flatMap((isLight) => repeat(pixel(isLight)).flat())));
  return jsQR.default(Uint8ClampedArray.from(pixels.flat()), width * SCALE, rows.length * SCALE)?.data ?? '';
}
