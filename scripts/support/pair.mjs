// Builds what changed and runs the authorization server and the sample resource server as two processes.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readDemoFile } from './demo-file.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_TIMEOUT_MS = 30_000;

/** Something that the person at the terminal can mend. */
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

/** What only the authorization server may know; an empty variable counts as absent. */
function withoutSecretsOf(environment) {
  const names = Object.keys(environment).filter(
    (name) => name === 'DATABASE_URL_FILE' || /^LATCHKEY_(MASTER_KEY|BOOTSTRAP)/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** Both servers as child processes, started one after the other and stopped together. */
export class Pair {
  #children = new Map();
  #environments = new Map();
  #stopping = null;

  /**
   * @param {{ environment: Record<string, string | undefined>, demo: boolean,
   *   ports: { authorizationServer: string, resourceServer: string },
   *   settings?: { authorizationServer?: Record<string, string>, resourceServer?: Record<string, string> },
   *   onFailure: (error: PairError) => void }} options `demo`: put the demo file into an empty database and use it
   */
  constructor({ environment, demo, ports, settings = {}, onFailure }) {
    this.urls = {
      authorizationServer: `http://127.0.0.1:${ports.authorizationServer}`,
      resourceServer: `http://127.0.0.1:${ports.resourceServer}`,
    };
    this.onFailure = onFailure;
    const { resourceServer } = readDemoFile();
    // Whatever address they listen on, both must name the issuer alike.
    const ISSUER = environment.ISSUER || this.urls.authorizationServer;
    this.#environments.set('authorization-server', {
      ...environment,
      ISSUER,
      PORT: ports.authorizationServer,
      ...(demo && { LATCHKEY_DEMO: 'true' }),
      ...settings.authorizationServer,
    });
    this.#environments.set('resource-server', {
      ...environment,
      ISSUER,
      PORT: ports.resourceServer,
      // `DATABASE_URL` and `METRICS_PORT` are the authorization server's.
      DATABASE_URL: environment.RESOURCE_SERVER_DATABASE_URL || '',
      METRICS_PORT: environment.RESOURCE_SERVER_METRICS_PORT || '',
      ...withoutSecretsOf(environment),
      AUTHORIZATION_SERVER_URL: environment.AUTHORIZATION_SERVER_URL || this.urls.authorizationServer,
      ...(demo && {
        CLIENT_ID: environment.CLIENT_ID || resourceServer.client_id,
        CLIENT_SECRET: environment.CLIENT_SECRET || resourceServer.client_secret,
        AUDIENCE: environment.AUDIENCE || resourceServer.audience[0],
      }),
      ...settings.resourceServer,
    });
  }

  /**
   * The resource server starts second, because it warns when there is nobody to ask.
   *
   * @returns whether both became ready; false when they were stopped before
   */
  async start() {
    const { authorizationServer, resourceServer } = this.urls;
    return (
      (await this.#startOne('authorization-server', authorizationServer)) &&
      (await this.#startOne('resource-server', resourceServer))
    );
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

  #startOne(name, url) {
    const child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { LOG_LEVEL: 'warn', ...this.#environments.get(name) },
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    this.#children.set(child, exited);
    child.once('exit', () => {
      this.#children.delete(child);
      this.#fail(`The ${name} stopped; see the lines above.`);
    });
    return this.#untilReady(url);
  }

  #fail(message) {
    if (this.#stopping === null) this.onFailure(new PairError(message));
  }

  async #untilReady(url) {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (this.#stopping === null) {
      const ready = await fetch(`${url}/health/ready`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return this.#stopping === null;
      if (Date.now() > deadline)
        this.#fail(`${url} did not become ready within ${READY_TIMEOUT_MS / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }
}
