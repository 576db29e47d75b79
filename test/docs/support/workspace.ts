import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../support/stack.js';

const ROOT = resolve('.');

/** A pair that goes on in the background is not waited for. */
const NPM = `#!/bin/sh
# A clone that is installed already, and servers that do not hold the terminal; everything else is npm itself.
case "$1" in
  ci) ;;
  start) exec "$NODE" "$ROOT/test/docs/support/start-in-background.mjs" ;;
  *) exec "$NPM" --prefix "$ROOT" "$@" ;;
esac
`;

const GIT = `#!/bin/sh
# The clone is the folder itself.
case "$1" in clone) ;; *) exit 1 ;; esac
`;

export interface Output {
  /** Of each part that was begun. */
  readonly parts: readonly string[];
  readonly status: number;
}

/** A folder that looks like a fresh clone after \`npm ci\` and a build, with servers on ports of its own. */
export class Workspace {
  private constructor(
    readonly folder: string,
    private readonly ports: Readonly<Record<'3000' | '3001' | '9464', string>>,
  ) {}

  static async create(): Promise<Workspace> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-docs-'));
    for (const name of readdirSync(ROOT)) {
      if (!['data', '.git'].includes(name)) symlinkSync(join(ROOT, name), join(folder, name));
    }
    symlinkSync('.', join(folder, 'latchkey'));
    mkdirSync(join(folder, '.bin'));
    for (const [name, text] of Object.entries({ npm: NPM, git: GIT })) {
      writeFileSync(join(folder, '.bin', name), text);
      chmodSync(join(folder, '.bin', name), 0o755);
    }
    mkdirSync(join(folder, '.backups'));
    const ports = { 3000: await free(), 3001: await free(), 9464: await free() };
    return new Workspace(folder, ports);
  }

  /** Runs scripts in one shell, one after the other until one fails. */
  async run(scripts: readonly string[]): Promise<Output> {
    const script = ['set -eo pipefail', ...scripts.map((part) => `echo "@@@"\n${this.#here(part)}`)].join(
      '\n',
    );
    const { output, status } = await this.#bash(script);
    return { parts: output.replaceAll(`${this.folder}/`, '').split('@@@\n').slice(1), status };
  }

  async remove(): Promise<void> {
    const pid = join(this.folder, 'servers.pid');
    if (existsSync(pid)) {
      try {
        process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM');
      } catch {
        // They have ended by themselves.
      }
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Addresses and folders of the page, as they are here. */
  #here(text: string): string {
    return text
      .replaceAll(/127\.0\.0\.1:(3000|3001|9464)\b/g, (_all, port: '3000') => `127.0.0.1:${this.ports[port]}`)
      .replaceAll('<this repository>', 'this-repository')
      .replaceAll('/var/backups', join(this.folder, '.backups'));
  }

  #bash(script: string): Promise<{ output: string; status: number }> {
    const data = join(this.folder, 'data');
    const environment = {
      PATH: `${join(this.folder, '.bin')}:${process.env.PATH ?? ''}`,
      HOME: this.folder,
      NODE: process.execPath,
      NPM: process.env.npm_execpath ?? join(resolve(process.execPath, '..'), 'npm'),
      ROOT,
      LATCHKEY_DATA_DIR: data,
      DATABASE_URL: `sqlite:${data}/latchkey.sqlite`,
      RESOURCE_SERVER_DATABASE_URL: `sqlite:${data}/resources.sqlite`,
      LATCHKEY_URL: `http://127.0.0.1:${this.ports[3000]}`,
      AUTHORIZATION_SERVER_PORT: this.ports[3000],
      RESOURCE_SERVER_PORT: this.ports[3001],
      METRICS_PORT: this.ports[9464],
      HASH_WORKERS: '1',
      HASH_QUEUE_DEADLINE_MS: '30000',
    };
    return new Promise((done) => {
      execFile(
        'bash',
        ['-c', `exec 2>&1\n${script}`],
        { cwd: this.folder, env: environment, maxBuffer: 10_000_000 },
        (error, output) => done({ output, status: error === null ? 0 : Number(error.code ?? 1) }),
      );
    });
  }
}

const free = async (): Promise<string> => String(await freePort());
