import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../apps/authorization-server/src/cli/program.js';
import { Terminal } from '../../apps/authorization-server/src/cli/terminal.js';
import { MASTER_KEY } from './builders.js';
import type { TestDatabase } from './databases.js';
import { play, type Played, type PlayOptions, type Step } from './pseudo-terminal.js';

const BIN = fileURLToPath(new URL('../../apps/authorization-server/bin/latchkey.js', import.meta.url));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The standard output as JSON. */
  readonly json: unknown;
}

interface RunOptions {
  /** Instead of, or beside, the environment of all runs. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The standard input. */
  readonly input?: string;
  /** In this process: the standard output is a terminal of this width. */
  readonly columns?: number;
}

/** The command line, with nothing of this process's environment. */
export abstract class Latchkey {
  /** A home folder of its own, empty at first. */
  readonly home = mkdtempSync(join(tmpdir(), 'latchkey-home-'));

  constructor(private readonly environment: Readonly<Record<string, string>> = {}) {}

  async run(
    arguments_: readonly string[],
    { environment, input = '', columns }: RunOptions = {},
  ): Promise<Run> {
    const [status, stdout, stderr] = await this.start(
      arguments_,
      this.environmentWith(environment),
      input,
      columns,
    );
    return {
      status,
      stdout,
      stderr,
      get json() {
        return JSON.parse(stdout) as unknown;
      },
    };
  }

  /** Runs a command that is expected to succeed. */
  async succeed(arguments_: readonly string[], options: RunOptions = {}): Promise<Run> {
    const run = await this.run(arguments_, options);
    if (run.status === 0) return run;
    throw new Error(`latchkey ${arguments_.join(' ')} ended with ${run.status}:\n${run.stderr}`);
  }

  protected environmentWith(changes: RunOptions['environment'] = {}): Record<string, string> {
    const common = { HOME: this.home, LATCHKEY_DATA_DIR: this.home, HASH_WORKERS: '1' };
    const all = Object.entries({ ...common, ...this.environment, ...changes });
    return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  protected abstract start(
    arguments_: readonly string[],
    environment: Readonly<Record<string, string>>,
    input: string,
    columns?: number,
  ): Promise<[number | null, string, string]>;
}

/** As people run it: another process, of what was built. */
export class LatchkeyProcess extends Latchkey {
  /** In a terminal where somebody types. */
  play(
    arguments_: readonly string[],
    steps: readonly Step[],
    {
      environment,
      ...options
    }: Pick<RunOptions, 'environment'> & Pick<PlayOptions, 'columns' | 'errorsTo'> = {},
  ): Promise<Played> {
    return play([process.execPath, BIN, ...arguments_], steps, {
      ...options,
      environment: this.environmentWith(environment),
      directory: this.home,
    });
  }

  protected async start(
    arguments_: readonly string[],
    environment: Readonly<Record<string, string>>,
    input: string,
  ): Promise<[number | null, string, string]> {
    const child = spawn(process.execPath, [BIN, ...arguments_], {
      cwd: this.home,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A command that needs no input does not wait for it to be read.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return Promise.all([ended, text(child.stdout), text(child.stderr)]);
  }
}

/** The same in this process and from the sources, which is quicker; without a terminal. */
export class LatchkeyInProcess extends Latchkey {
  protected async start(
    arguments_: readonly string[],
    environment: Readonly<Record<string, string>>,
    input: string,
    columns?: number,
  ): Promise<[number | null, string, string]> {
    const [stdout, stderr] = [new Collector(columns), new Collector()];
    const terminal = new Terminal(Readable.from([Buffer.from(input)]), stdout, stderr);
    const status = await runCommandLine(arguments_, { terminal, environment });
    return [status, stdout.text, stderr.text];
  }
}

class Collector extends Writable {
  text = '';

  /** @param columns of a terminal; without them it is none */
  constructor(readonly columns?: number) {
    super();
  }

  get isTTY(): boolean {
    return this.columns !== undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** What the offline commands need to work on a database, as a server of {@link startStack} has it. */
export function offlineEnvironment({ url }: TestDatabase): Record<string, string> {
  return { DATABASE_URL: url, LATCHKEY_MASTER_KEY: MASTER_KEY, ISSUER: 'https://login.example.com' };
}
