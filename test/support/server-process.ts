import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MASTER_KEY } from './builders.js';
import { endChild } from './child-process.js';

const MAIN = {
  'authorization-server': fileURLToPath(
    new URL('../../apps/authorization-server/dist/bundle/main.js', import.meta.url),
  ),
  'resource-server': fileURLToPath(new URL('../../apps/resource-server/dist/main.js', import.meta.url)),
};

interface ServerOptions {
  readonly program?: keyof typeof MAIN;
  /** What Node.js is given, in place of the program's main file. */
  readonly command?: readonly string[];
  /** With nothing of this process's environment beside it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A server as it is run: a process, of what was built. */
export class ServerProcess {
  /** Everything that it wrote, line by line. */
  readonly lines: string[] = [];
  /** How it ended: its status, or `null` after a signal. */
  readonly ended: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.ended = once(child, 'exit').then(([status]) => status as number | null);
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        this.lines.push(...lines);
      });
    }
  }

  /** Starts a server and waits until it is ready. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = ServerProcess.launch(options);
    const status = await Promise.race([server.logs('"msg":"ready"'), server.ended]);
    if (status === undefined) return server;
    throw new Error(`The server ended with ${status}:\n${server.lines.join('\n')}`);
  }

  /** Starts a server that need not become ready. */
  static launch({
    program = 'authorization-server',
    command = [MAIN[program]],
    environment,
  }: ServerOptions): ServerProcess {
    const { PORT = '', TLS_CERT_FILE } = environment;
    const child = spawn(process.execPath, command, {
      env: { LATCHKEY_MASTER_KEY: MASTER_KEY, HASH_WORKERS: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServerProcess(child, `${TLS_CERT_FILE ? 'https' : 'http'}://127.0.0.1:${PORT}`);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The server was not started');
    return this.child.pid;
  }

  /** Waits until it has written the text. */
  async logs(text: string): Promise<void> {
    while (!this.lines.some((line) => line.includes(text)))
      await once(this.child.stdout ?? this.child, 'data');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it, and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    await endChild(this.child, signal);
    return this.ended;
  }
}
