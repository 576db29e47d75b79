import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../apps/authorization-server/src/cli/program.js';
import { Terminal } from '../../apps/authorization-server/src/cli/terminal.js';
import { LatchkeyInProcess } from '../support/latchkey.js';

/** What bash offers for each line, of which the last word is the one that is typed. */
const ASK = `
source ./completion
ask() {
  COMP_WORDS=(latchkey "$@") COMP_CWORD=$#
  _latchkey
  echo "\${COMPREPLY[*]}"
}
`;

describe('Completion in bash', () => {
  const latchkey = new LatchkeyInProcess();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-completion-'));

  beforeAll(async () => {
    const { stdout } = await latchkey.succeed(['completion', 'bash']);
    writeFileSync(join(folder, 'completion'), stdout);
  });

  function complete(...lines: (readonly string[])[]): string[][] {
    const calls = lines.map((words) => `ask ${words.map((word) => `'${word}'`).join(' ')}\n`);
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', ASK + calls.join('')], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const answers = stdout.split('\n').slice(0, -1);
    expect(answers).toHaveLength(lines.length);
    return answers.map((answer) => answer.split(' ').filter(Boolean));
  }

  it('offers the words that begin as typed', () => {
    expect(complete(['us'], ['users', 'un'], ['users', 'list', '--gr'], ['clients', 'secrets', 'a'])).toEqual(
      [['users'], ['unlock'], ['--group'], ['add']],
    );
  });

  it('offers the values of an option and of an argument', () => {
    const [states, purposes, formats, booleans] = complete(
      ['authorizations', 'list', '--json', '--state', ''],
      ['keys', 'rotate', 's'],
      ['export', '--format', ''],
      ['clients', 'create', 'shop', '--may-introspect', ''],
    );
    expect(states).toEqual(['live', 'revoked', 'expired', 'ended']);
    expect(purposes).toEqual(['signing', 'sealing']);
    expect(formats).toEqual(['yaml', 'json']);
    expect(booleans).toEqual(['true', 'false']);
  });

  it('leaves files to bash, and offers no option for the value of another', () => {
    expect(complete(['apply', '--file', ''], ['apply', '-f', ''], ['users', 'list', '--prefix', ''])).toEqual(
      [[], [], []],
    );
  });

  it('takes an argument for no command', () => {
    const [after] = complete(['users', 'show', 'clients', '--j']);
    expect(after).toEqual(['--json']);
  });

  it('knows every command and every option', () => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const cli = { terminal: new Terminal(Readable.from([]), sink, sink), environment: {} };
    const all = (command: Command, path: string[]): [string[], string[]][] => [
      [
        [...path, ''],
        [...command.commands.map((each) => each.name()), ...command.options.map(({ long }) => long ?? '')],
      ],
      ...command.commands.flatMap((each) => all(each, [...path, each.name()])),
    ];
    const expected = all(createProgram(cli), []);
    const offered = complete(...expected.map(([line]) => line));
    expect(expected.length).toBeGreaterThan(40);
    for (const [index, [, words]] of expected.entries()) {
      expect(offered[index]).toEqual(expect.arrayContaining(words));
    }
  });

  it.each(['zsh', 'fish'])('has a script for %s with every command', async (shell) => {
    const { stdout } = await latchkey.succeed(['completion', shell]);
    for (const word of ['authorizations', 'set-password', 'expire-others-at']) expect(stdout).toContain(word);
  });

  it('is refused for another shell', async () => {
    const { status, stderr } = await latchkey.run(['completion', 'tcsh']);
    expect(status).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});
