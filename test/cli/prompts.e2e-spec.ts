import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../apps/authorization-server/src/cli/program.js';
import { Terminal } from '../../apps/authorization-server/src/cli/terminal.js';
import { ROOT, startAdministered } from '../support/admin-api.js';
import { ALICE, SHOP } from '../support/builders.js';
import { type TestDatabase } from '../support/databases.js';
import { createServerDatabase } from '../support/server-databases.js';
import {
  INTERACTIVE,
  NEW_PASSWORD,
  NEW_SECRET,
  PASSWORD,
  SECRET,
  YES,
  type Interactive,
} from '../support/interactive-commands.js';
import { LatchkeyInProcess, LatchkeyProcess, offlineEnvironment } from '../support/latchkey.js';
import type { Played, Step } from '../support/pseudo-terminal.js';
import type { Stack } from '../support/stack.js';

const ENTER = '\r';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

describe('A command that asks, in a terminal of 80 columns', () => {
  const latchkey = new LatchkeyProcess();
  let stack: Stack;
  let databases: TestDatabase[] = [];
  let plays = 0;

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
    writeFileSync(join(latchkey.home, 'nothing.yaml'), 'scopes: []\nclients: []\nusers: []\n');
    writeFileSync(join(latchkey.home, 'a-scope.yaml'), 'scopes: [{ name: a, description: A }]\n');
  });

  afterAll(async () => {
    await stack.stop();
    for (const database of databases) await database.drop();
    databases = [];
  });

  const online = () => ({
    LATCHKEY_URL: stack.issuer,
    LATCHKEY_CLIENT_ID: ROOT.clientId,
    LATCHKEY_CLIENT_SECRET: ROOT.secret,
  });

  const offline = async () => {
    const database = await createServerDatabase('sqlite');
    databases.push(database);
    return offlineEnvironment(database);
  };

  const play = async (command: Interactive, steps: readonly Step[]): Promise<Played> => {
    const environment = command.isOffline === true ? await offline() : online();
    const values: Record<string, string> = {
      name: `played-${++plays}`,
      home: latchkey.home,
      url: stack.issuer,
    };
    const words = (line: string): string[] =>
      line.split(' ').map((word) => word.replace(/\{(\w+)\}/, (_, name: string) => values[name] ?? ''));
    const quick = new LatchkeyInProcess();
    for (const line of command.before ?? [])
      await quick.succeed(words(line), { environment, input: PASSWORD });
    if (command.line.includes('{secret}')) {
      const list = await quick.succeed(words('clients secrets list {name} --json'), { environment });
      values.secret = (list.json as { id: string }[])[0]?.id ?? '';
    }
    if (command.line.includes('{factor}')) {
      const list = await quick.succeed(words('factors list {name} --json'), { environment });
      values.factor = (list.json as { data: { id: string }[] }).data[0]?.id ?? '';
    }
    return latchkey.play(words(command.line), steps, { environment });
  };

  const expectLeftAsItWas = ({ isEchoOn, leftOver, screen }: Played): void => {
    expect({ isEchoOn, leftOver }).toEqual({ isEchoOn: true, leftOver: '' });
    for (const secret of [PASSWORD, SECRET, SHOP.secret, ALICE.password, ROOT.secret]) {
      expect(screen).not.toContain(secret);
    }
  };

  it('is each one that has an option for it', () => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const cli = { terminal: new Terminal(Readable.from([]), sink, sink), environment: {} };
    const asking = (command: Command, path: string[]): string[] => [
      ...command.options
        .map(({ long }) => long ?? '')
        .filter((long) => long === '--yes' || long.endsWith('-stdin'))
        .map((long) => [...path, long].join(' ')),
      ...command.commands.flatMap((each) => asking(each, [...path, each.name()])),
    ];
    const missing = asking(createProgram(cli), []).filter((wanted) => {
      const option = / --\S+$/.exec(wanted)?.[0] ?? '';
      const command = wanted.slice(0, -option.length);
      return !INTERACTIVE.some(
        ({ line }) => line.startsWith(command) && (option === ' --yes' || line.endsWith(option)),
      );
    });
    expect(missing).toEqual([]);
  });

  it.each(INTERACTIVE.map((each) => [each.line, each] as const))(
    '%s does it, with answers that are typed one after the other',
    async (_line, command) => {
      const typed = command.asks.map(([question, answer]): Step => [question, answer + ENTER]);
      const played = await play(command, typed);
      expect(played).toMatchObject({ status: 0 });
      expect(played.screen).toContain(command.shows);
      expectLeftAsItWas(played);
    },
  );

  it.each(INTERACTIVE.map((each) => [each.line, each] as const))(
    '%s does it, with all answers and more pasted at once, of which nothing is left',
    async (_line, command) => {
      const [question = ''] = command.asks[0] ?? [];
      const pasted = [...command.asks.map(([, answer]) => answer), 'touch typed-into-the-shell', ''];
      const played = await play(command, [[question, pasted.join(ENTER)]]);
      expect(played).toMatchObject({ status: 0 });
      expect(played.screen).toContain(command.shows);
      expectLeftAsItWas(played);
    },
  );

  it.each(INTERACTIVE.map((each) => [each.line, each] as const))(
    '%s ends with Ctrl-C at its last question, and the terminal is as it was',
    async (_line, command) => {
      const typed = command.asks.map(([question, answer]): Step => [question, answer + ENTER]);
      const [question = ''] = typed.pop() ?? [];
      const played = await play(command, [...typed, [question, `half${CTRL_C}more${ENTER}`]]);
      expect(played).toMatchObject({ status: 130 });
      expect(played.screen).toContain('Interrupted');
      expect(played.screen).not.toContain(command.shows);
      expectLeftAsItWas(played);
    },
  );

  it.each(INTERACTIVE.map((each) => [each.line, each] as const))(
    '%s says that the input ended, for Ctrl-D at its last question',
    async (_line, command) => {
      const typed = command.asks.map(([question, answer]): Step => [question, answer + ENTER]);
      const [question = ''] = typed.pop() ?? [];
      const played = await play(command, [...typed, [question, CTRL_D]]);
      expect(played).toMatchObject({ status: 2 });
      expect(played.screen).toContain('The input ended before the question was answered');
      expectLeftAsItWas(played);
    },
  );

  it.each(
    INTERACTIVE.filter(({ asks }) => asks === NEW_PASSWORD || asks === NEW_SECRET).map(
      (each) => [each.line, each] as const,
    ),
  )('%s takes no new secret that was not the same both times', async (_line, command) => {
    const [[first = ''] = [], [second = ''] = []] = command.asks;
    const played = await play(command, [
      [first, SECRET + ENTER],
      [second, `${SECRET}x${ENTER}`],
    ]);
    expect(played).toMatchObject({ status: 2 });
    expect(played.screen).toContain('was not the same both times');
    expectLeftAsItWas(played);
  });

  it.each(INTERACTIVE.filter(({ asks }) => asks === YES).map((each) => [each.line, each] as const))(
    '%s changes nothing without a yes',
    async (_line, command) => {
      const played = await play(command, [['[y/N] ', `yse\u007f\u007f\u007fno${ENTER}`]]);
      expect(played).toMatchObject({ status: 1 });
      expect(played.screen).toContain('Nothing was changed');
      expectLeftAsItWas(played);
    },
  );

  it('takes what was typed before it asked', async () => {
    const { status, leftOver } = await latchkey.play(
      ['login', ALICE.username, '--client-id', SHOP.clientId],
      [['', `${SHOP.secret}\n${ALICE.password}\n`]],
      { environment: online() },
    );
    expect({ status, leftOver }).toEqual({ status: 0, leftOver: '' });
  });

  it('names the option that takes its place, where there is no terminal', async () => {
    for (const [line, option] of [
      ['login alice --client-id shop-backend', '--secrets-stdin'],
      ['users create x', '--password-stdin'],
      ['users set-password alice', '--password-stdin'],
      ['users delete alice', '--yes'],
      ['factors remove alice x', '--yes'],
      ['clients delete shop-backend', '--yes'],
      ['clients secrets delete shop-backend x', '--yes'],
      ['authorizations revoke --user alice', '--yes'],
      ['keys rotate sealing --revoke-others', '--yes'],
      ['after-restore', '--yes'],
      ['apply -f nothing.yaml --prune', '--yes'],
    ] as const) {
      const { status, stderr } = await new LatchkeyInProcess().run(line.split(' '), {
        environment: online(),
      });
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(stderr).toContain('not an interactive terminal');
      expect(stderr).toContain(option);
    }
  });

  it('does not let a secret be typed where its question cannot be shown', async () => {
    const play = new LatchkeyProcess();
    const line = ['profiles', 'set', 'x', '--url', stack.issuer, '--client-id', 'x'];
    const { status, leftOver } = await play.play(line, [], { environment: online(), errorsTo: 'errors' });
    expect({ status, leftOver }).toEqual({ status: 2, leftOver: '' });
    expect(readFileSync(join(play.home, 'errors'), 'utf8')).toContain('the standard error is not a terminal');
  });
});
