import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../support/ports.js';

const ROOT = resolve('.');

/** A pair that goes on in the background is not waited for. */
const NPM = `#!/bin/sh
# A clone that is installed already, and servers that do not hold the terminal; everything else is npm itself.
case "$1" in
  ci) ;;
  start) exec "$NODE" "$ROOT/test/docs/support/start-in-background.mjs" ;;
  init | install | ls | pkg) exec "$NPM" "$@" ;;
  *) exec "$NPM" --prefix "$ROOT" "$@" ;;
esac
`;

const GIT = `#!/bin/sh
# The clone is made of links to this one, without its data.
[ "$1" = clone ] || exit 1
mkdir "$3" || exit 128
for entry in "$ROOT"/*; do
  [ "$entry" = "$ROOT/data" ] || ln -s "$entry" "$3/"
done
`;

interface Output {
  /** Of each part that was begun. */
  readonly parts: readonly string[];
  readonly status: number;
}

/**
 * The folder of somebody new, and the clone in it once the README has made it, as it is after \`npm ci\` and a build. No
 * setting is made for a page here: what it needs, it must say. Only ports are others than on the page.
 */
export class Workspace {
  private constructor(
    readonly folder: string,
    private readonly registry: string,
    private readonly ports: Readonly<Record<'3000' | '3001' | '9464', string>>,
  ) {}

  /** @param registry where `npm install` finds packages */
  static async create(registry: string): Promise<Workspace> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-docs-'));
    mkdirSync(join(folder, '.bin'));
    for (const [name, text] of Object.entries({ npm: NPM, git: GIT })) {
      writeFileSync(join(folder, '.bin', name), text);
      chmodSync(join(folder, '.bin', name), 0o755);
    }
    const ports = { 3000: await free(), 3001: await free(), 9464: await free() };
    return new Workspace(folder, registry, ports);
  }

  /** Runs scripts in one shell, one after the other until one fails: in the clone, if there is one. */
  async run(scripts: readonly string[]): Promise<Output> {
    const script = ['set -eo pipefail', ...scripts.map((part) => `echo "@@@"\n${this.#here(part)}`)].join(
      '\n',
    );
    const { output, status } = await this.#bash(script);
    return { parts: output.replaceAll(`${this.#clone}/`, '').split('@@@\n').slice(1), status };
  }

  async remove(): Promise<void> {
    const pid = join(this.#clone, 'servers.pid');
    if (existsSync(pid)) {
      try {
        process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM');
      } catch {
        // They have ended by themselves.
      }
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  get #clone(): string {
    return join(this.folder, 'latchkey');
  }

  /** Ports of the page, as they are here. */
  #here(text: string): string {
    return text
      .replaceAll(
        /(127\.0\.0\.1:|METRICS_PORT=)(3000|3001|9464)\b/g,
        (_all, before: string, port: '3000') => `${before}${this.ports[port]}`,
      )
      .replaceAll('<this repository>', 'this-repository');
  }

  #bash(script: string): Promise<{ output: string; status: number }> {
    const environment = {
      PATH: `${join(this.folder, '.bin')}:${process.env.PATH ?? ''}`,
      HOME: this.folder,
      NODE: process.execPath,
      NPM: process.env.npm_execpath ?? join(resolve(process.execPath, '..'), 'npm'),
      ROOT,
      // The ports of this run.
      LATCHKEY_URL: `http://127.0.0.1:${this.ports[3000]}`,
      AUTHORIZATION_SERVER_PORT: this.ports[3000],
      RESOURCE_SERVER_PORT: this.ports[3001],
      npm_config_registry: this.registry,
      npm_config_update_notifier: 'false',
      npm_config_audit: 'false',
    };
    const cwd = existsSync(this.#clone) ? this.#clone : this.folder;
    return new Promise((done) => {
      execFile(
        'bash',
        ['-c', `exec 2>&1\n${script}`],
        { cwd, env: environment, maxBuffer: 10_000_000 },
        (error, output) => done({ output, status: error === null ? 0 : Number(error.code ?? 1) }),
      );
    });
  }
}

const free = async (): Promise<string> => String(await freePort());
