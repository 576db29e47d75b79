import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

/** What the tests with programs of others need, of Debian; CI installs it. */
const PACKAGES = fileURLToPath(new URL('../../.ci/debian-packages', import.meta.url));

/** Debian installs servers where the path of ordinary users does not look. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** Nobody: what a program of others runs as where the tests run as root. */
const NOBODY = 65_534;

export const ORDINARY_USER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

export function findProgram(name: string): string | null {
  return FOLDERS.map((folder) => join(folder, name)).find(existsSync) ?? null;
}

/**
 * Tests with programs of others. Where one is missing, a test in their place says what to install, and fails in CI,
 * which has them all.
 *
 * @param programs what has to be there, by the Debian package that brings it: the name of a program or a path
 */
export function describeWithPrograms(
  title: string,
  programs: Readonly<Record<string, string>>,
  tests: () => void,
): void {
  const missing = Object.entries(programs)
    .filter(([, program]) => !existsSync(program) && findProgram(program) === null)
    .map(([name]) => name);
  if (missing.length === 0) {
    describe(title, tests);
    return;
  }
  describe(title, () => {
    it(`is not tested here: apt-get install --no-install-recommends ${missing.join(' ')}`, () => {
      expect(readFileSync(PACKAGES, 'utf8').split('\n')).toEqual(expect.arrayContaining(missing));
      expect(process.env.CI ? missing : []).toEqual([]);
    });
  });
}

export interface Result {
  readonly status: number | null;
  readonly output: string;
}

/** Starts a program as an ordinary user, with nothing of this process's environment. */
export function startProgram(
  name: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<Result> } {
  const child = spawn(findProgram(name) ?? name, parameters, {
    env: { PATH: '/usr/bin:/bin:/usr/sbin', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...ORDINARY_USER,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output }));
  });
  return { child, ended };
}
