import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { endChild } from './child-process.js';

/** What the tests with programs of others need, of Debian; CI installs it. */
const PACKAGES = fileURLToPath(new URL('../../.ci/debian-packages', import.meta.url));

/** Where Debian notes what is installed. */
const INSTALLED = '/var/lib/dpkg/info';

/** Where Debian installs programs. */
const FOLDERS = ['/usr/bin', '/usr/sbin'];

/** Nobody: what a program of others runs as where the tests run as root. */
const NOBODY = 65_534;

export const ORDINARY_USER: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

function findProgram(name: string): string {
  return FOLDERS.map((folder) => join(folder, name)).find(existsSync) ?? name;
}

/**
 * Tests with programs of others. Where one is missing, a test in their place says what to install, and fails in CI,
 * which has them all (`FOREIGN_PROGRAMS=required`).
 *
 * @param packages of Debian
 */
export function describeWithPrograms(title: string, packages: readonly string[], tests: () => void): void {
  const files = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  // Of some packages the file has the architecture behind the name: golang-go:amd64.list
  const isInstalled = (name: string) =>
    files.some((file) => file === `${name}.list` || (file.startsWith(`${name}:`) && file.endsWith('.list')));
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) {
    describe(title, tests);
    return;
  }
  describe(title, () => {
    it(`is not tested here: apt-get install --no-install-recommends ${missing.join(' ')}`, () => {
      expect(readFileSync(PACKAGES, 'utf8').split('\n')).toEqual(expect.arrayContaining(missing));
      expect(process.env.FOREIGN_PROGRAMS === 'required' ? missing : []).toEqual([]);
    });
  });
}

export interface Result {
  readonly status: number | null;
  readonly output: string;
}

/** Starts a program with nothing of this process's environment. */
export function startProgram(
  name: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  user: typeof ORDINARY_USER = {},
): { child: ChildProcess; ended: Promise<Result> } {
  const child = spawn(findProgram(name), parameters, {
    env: { PATH: '/usr/bin:/bin:/usr/sbin', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
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

/** A server of others, to be started with files in a folder of its own. */
interface Service {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Given to the user that it runs as; what is in it has to be readable. */
  readonly folder: string;
  /** Resolves once it is ready. */
  ready(child: ChildProcess): Promise<unknown>;
}

/** Starts a server of others as an ordinary user, and waits until it is ready. @returns how to stop it */
export async function startService(service: Service): Promise<() => Promise<void>> {
  const { program, parameters, environment, folder } = service;
  const { uid, gid } = ORDINARY_USER;
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  const { child, ended } = startProgram(program, parameters, environment, ORDINARY_USER);
  const gone = ended.then(({ status, output }) => {
    throw new Error(`${program} ended with ${status}:\n${output}`);
  });
  gone.catch(() => undefined);
  try {
    await Promise.race([service.ready(child), gone]);
  } catch (error) {
    await endChild(child);
    throw error;
  }
  return () => endChild(child);
}

/** Waits until a program writes a text. */
export function writes({ stdout, stderr }: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    let output = '';
    for (const stream of [stdout, stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes(text)) resolve();
      });
    }
  });
}
