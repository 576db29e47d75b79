// Builds what changed and runs the authorization server and the sample resource server as two processes.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readDemoFile } from './demo-file.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_TIMEOUT_MS = 30_000;

/** Something that the person at the terminal can correct. */
export class PairError extends Error {}

/** @throws PairError */
export function build() {
  const built = existsSync(`${root}/apps/resource-server/dist/main.js`);
  const compiler = findCompiler();
  // An installation without development dependencies runs what was built before.
  if (compiler === null && built) return;
  if (compiler === null)
    throw new PairError('There is nothing built, and no compiler to build it: run npm ci first.');
  if (!built) console.log('Building (once) ...');
  const { status } = spawnSync(process.execPath, [compiler, '--build'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new PairError('The build failed.');
}

function findCompiler() {
  try {
    return createRequire(import.meta.url).resolve('typescript/bin/tsc');
  } catch {
    return null;
  }
}

/**
 * Finds out which ports other programs have, before anything starts.
 *
 * @param {{ variable: string, host: string, port: string }[]} places where the servers will listen
 * @throws PairError naming every variable to change
 */
export async function assertFree(places) {
  const problems = [];
  const opened = [];
  for (const { variable, host, port } of places) {
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
      problems.push(`${variable} must be a port, a whole number from 1 to 65535.`);
      continue;
    }
    const same = opened.find((other) => other.port === port && other.host === host);
    if (same !== undefined) {
      problems.push(`${variable} and ${same.variable} are both ${port}. Set one of them to another port.`);
      continue;
    }
    const server = createServer();
    const code = await new Promise((done) => {
      server.once('error', (error) => done(error.code));
      server.listen({ host, port: Number(port) }, () => done(null));
    });
    if (code === null) opened.push({ variable, host, port, server });
    // Whatever else is wrong with a place, the server itself says it best.
    if (code === 'EADDRINUSE') {
      problems.push(
        `Port ${port} is taken: another program listens there. Stop that program, or set ${variable} to another port.`,
      );
    }
  }
  for (const { server } of opened) await new Promise((done) => server.close(done));
  if (problems.length > 0) throw new PairError(problems.join('\n'));
}

/** What only the authorization server may know; an empty variable counts as absent. */
function withoutSecretsOf(environment) {
  const names = Object.keys(environment).filter(
    (name) => name === 'DATABASE_URL_FILE' || /^LATCHKEY_(MASTER_KEY|BOOTSTRAP)/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** Both servers as child processes, started one after the other and stopped together. */
export class Pair {
  /** Where they are reached, once they are ready. */
  urls = { authorizationServer: '', resourceServer: '' };
  #children = new Map();
  #stopping = null;
  #options;

  /**
   * @param {{ environment: Record<string, string | undefined>, demo: boolean,
   *   ports: { authorizationServer: string, resourceServer: string },
   *   settings?: { authorizationServer?: Record<string, string>, resourceServer?: Record<string, string> },
   *   onFailure: (error: PairError) => void }} options `demo`: put the demo file into an empty database and use it
   */
  constructor(options) {
    this.#options = options;
  }

  /**
   * The resource server starts second, because it warns when the authorization server does not answer.
   *
   * @returns whether both became ready; false when they were stopped before
   */
  async start() {
    const authorizationServer = await this.#startOne('authorization-server', this.#authorizationServer());
    if (authorizationServer === null) return false;
    const resourceServer = await this.#startOne('resource-server', this.#resourceServer(authorizationServer));
    if (resourceServer === null) return false;
    this.urls = { authorizationServer, resourceServer };
    return true;
  }

  /** Lets both servers finish what they do. */
  stop() {
    this.#stopping ??= Promise.all(
      [...this.#children].map(([child, exited]) => {
        child.kill('SIGTERM');
        return exited;
      }),
    );
    return this.#stopping;
  }

  #authorizationServer() {
    const { environment, demo, ports, settings } = this.#options;
    return {
      ...environment,
      PORT: ports.authorizationServer,
      ...(demo && { LATCHKEY_DEMO: 'true' }),
      ...settings?.authorizationServer,
    };
  }

  #resourceServer(authorizationServer) {
    const { environment, demo, ports, settings } = this.#options;
    const { resourceServer } = readDemoFile();
    return {
      ...environment,
      // Without ISSUER, the authorization server takes its own address for it.
      ISSUER: environment.ISSUER || authorizationServer,
      PORT: ports.resourceServer,
      // `DATABASE_URL` and `METRICS_PORT` are the authorization server's.
      DATABASE_URL: environment.RESOURCE_SERVER_DATABASE_URL || '',
      METRICS_PORT: environment.RESOURCE_SERVER_METRICS_PORT || '',
      ...withoutSecretsOf(environment),
      AUTHORIZATION_SERVER_URL: environment.AUTHORIZATION_SERVER_URL || authorizationServer,
      ...(demo && {
        CLIENT_ID: environment.CLIENT_ID || resourceServer.client_id,
        CLIENT_SECRET: environment.CLIENT_SECRET || resourceServer.client_secret,
        AUDIENCE: environment.AUDIENCE || resourceServer.audience[0],
      }),
      ...settings?.resourceServer,
    };
  }

  /**
   * A server says itself that it is ready: another one on its port may answer too.
   *
   * @returns where it is reached; `null` when it stopped before
   */
  #startOne(name, environment) {
    const child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { LOG_LEVEL: 'warn', ...environment },
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    this.#children.set(child, exited);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#fail(`The ${name} did not become ready within ${READY_TIMEOUT_MS / 1000} s.`);
      }, READY_TIMEOUT_MS);
      child.once('message', ({ ready }) => {
        clearTimeout(timer);
        resolve(this.#stopping === null ? ready : null);
      });
      child.once('exit', () => {
        clearTimeout(timer);
        this.#children.delete(child);
        this.#fail(`The ${name} stopped; see the lines above.`);
        resolve(null);
      });
    });
  }

  #fail(message) {
    if (this.#stopping === null) this.#options.onFailure(new PairError(message));
  }
}
