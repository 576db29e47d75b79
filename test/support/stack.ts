import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database } from '@latchkey/platform/database';
import { createLogger } from '@latchkey/platform/logging';
import { loadConfig } from '../../apps/authorization-server/src/config/load-config.js';
import { RefusalDelay } from '../../apps/authorization-server/src/throttling/refusal-delay.js';
import { createAuthorizationServer } from '../../apps/authorization-server/src/create-authorization-server.js';
import { loadResourceServerConfig } from '../../apps/resource-server/src/config/resource-server-config.js';
import { createResourceServer } from '../../apps/resource-server/src/create-resource-server.js';
import { aConfiguration, API, MASTER_KEY, RESOURCE_SERVER, SHOP, type Configuration } from './builders.js';
import { createDatabase, type Dialect, type TestDatabase } from './databases.js';
import { postForm, type Answer, type Credentials, type Form } from './http.js';
import { freePort } from './ports.js';
import { createServerDatabase } from './server-databases.js';

/** Longer than most verifications here, and a fraction of what it is in production. */
const GRID_STEP_MS = 50;

/** Less than the settings allow: most tests need a hash and not its cost. */
const CHEAP_HASHES = { memoryKib: 64, iterations: 1 };

/** Longer than a slow machine stands still. In production a server is out of sync after two seconds. */
const PATIENT_SYNC = { limit: 20_000 };

export interface StackOptions {
  /** May depend on the issuer, which is known only once a port was found. */
  configuration?: Configuration | ((issuer: string) => Configuration);
  /** Environment of the authorization server, and what of it is common or concerns tokens of the sample resource server. */
  environment?: Record<string, string>;
  /** Start the sample resource server too. */
  resourceServer?: boolean;
  /** Wait as long with refusals of credentials as in production; else a suite with many of them would take minutes. */
  realGrid?: boolean;
  /** Make hashes that cost as much as in production. They do with {@link realGrid} or a setting of the hash queue too. */
  realHashes?: boolean;
  /** Be out of sync with other servers as soon as in production; else a machine that stands still interrupts the feed. */
  realSync?: boolean;
  /** Use this database instead of a new one; it is then not dropped. */
  database?: TestDatabase;
}

/** Both servers of ours on free ports, in this process, over real HTTP. */
export class Stack {
  constructor(
    readonly application: NestFastifyApplication,
    readonly issuer: string,
    readonly resources: string,
    readonly log: readonly string[],
    private readonly close: () => Promise<void>,
    /** `null` unless it was asked for. */
    readonly resourceServer: NestFastifyApplication | null = null,
  ) {}

  get database(): Database {
    return this.application.get(Database);
  }

  token(form: Form, client: Credentials | null = SHOP): Promise<Answer> {
    return postForm(`${this.issuer}/oauth/token`, form, client);
  }

  login(
    owner: { username: string; password: string },
    parameters: Record<string, string> = {},
    client: Credentials | null = SHOP,
  ): Promise<Answer> {
    const { username, password } = owner;
    return this.token({ grant_type: 'password', username, password, ...parameters }, client);
  }

  refresh(
    token: string,
    parameters: Record<string, string> = {},
    client: Credentials | null = SHOP,
  ): Promise<Answer> {
    return this.token({ grant_type: 'refresh_token', refresh_token: token, ...parameters }, client);
  }

  introspect(token: string, client: Credentials | null = RESOURCE_SERVER): Promise<Answer> {
    return postForm(`${this.issuer}/oauth/introspect`, { token }, client);
  }

  revoke(token: string, client: Credentials | null = SHOP): Promise<Answer> {
    return postForm(`${this.issuer}/oauth/revoke`, { token }, client);
  }

  stop(): Promise<void> {
    return this.close();
  }
}

export async function startStack(dialect: Dialect, options: StackOptions = {}): Promise<Stack> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-stack-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const { database = await ownDatabase(cleanups, createForServer(dialect, options)) } = options;
    const log: string[] = [];
    const { application, issuer } = await startAuthorizationServer(folder, database, log, options);
    cleanups.push(() => application.close());
    let resources = '';
    let resourceServer: NestFastifyApplication | null = null;
    if (options.resourceServer === true) {
      const server = await startResourceServer(
        issuer,
        await ownDatabase(cleanups, createDatabase(dialect)),
        log,
        options.environment,
      );
      cleanups.push(() => server.close());
      resourceServer = server;
      resources = `${await server.getUrl()}/resources`;
    }
    return new Stack(application, issuer, resources, log, cleanUp, resourceServer);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

function createForServer(dialect: Dialect, { environment }: StackOptions): Promise<TestDatabase> {
  const ownKeys = environment?.LATCHKEY_MASTER_KEY !== undefined;
  return ownKeys ? createDatabase(dialect) : createServerDatabase(dialect);
}

async function ownDatabase(
  cleanups: (() => Promise<unknown>)[],
  created: Promise<TestDatabase>,
): Promise<TestDatabase> {
  const database = await created;
  cleanups.push(() => database.drop());
  return database;
}

async function startAuthorizationServer(
  folder: string,
  database: TestDatabase,
  log: string[],
  options: StackOptions,
) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const { configuration = aConfiguration() } = options;
  const configurationFile = join(folder, 'configuration.json');
  const content = typeof configuration === 'function' ? configuration(issuer) : configuration;
  await writeFile(configurationFile, JSON.stringify(content));
  const config = loadConfig({
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: database.url,
    LATCHKEY_DATA_DIR: folder,
    LATCHKEY_MASTER_KEY: MASTER_KEY,
    LATCHKEY_CONFIG: configurationFile,
    HASH_WORKERS: '1',
    // Tests share few processors, and only those about the queue want it to give up.
    HASH_QUEUE_DEADLINE_MS: '30000',
    // Suites share accounts; those about throttling set their own limit.
    THROTTLE_FREE_ATTEMPTS: '100',
    ...options.environment,
  });
  const application = await createAuthorizationServer(
    hasRealHashes(options) ? config : { ...config, argon2: CHEAP_HASHES },
    createLogger('authorization-server', config.logLevel, sink(log)),
  );
  if (options.realGrid !== true) {
    Object.defineProperty(application.get(RefusalDelay), 'step', { value: GRID_STEP_MS });
  }
  if (options.realSync !== true) {
    Object.assign(application.get(Database).notifications.times, PATIENT_SYNC);
  }
  await application.listen(config.http);
  return { application, issuer };
}

function hasRealHashes({ realHashes, realGrid, environment = {} }: StackOptions): boolean {
  const setsQueue = Object.keys(environment).some((name) => name.startsWith('HASH_'));
  return realHashes === true || realGrid === true || setsQueue;
}

async function startResourceServer(
  issuer: string,
  database: TestDatabase,
  log: string[],
  { LOG_LEVEL = '', METRICS_PORT = '', TOKEN_VALIDATION = '' }: Record<string, string> = {},
): Promise<NestFastifyApplication> {
  const config = loadResourceServerConfig({
    LOG_LEVEL,
    METRICS_PORT,
    TOKEN_VALIDATION,
    AUTHORIZATION_SERVER_URL: issuer,
    CLIENT_ID: RESOURCE_SERVER.clientId,
    CLIENT_SECRET: RESOURCE_SERVER.secret,
    AUDIENCE: API,
    DATABASE_URL: database.url,
  });
  const application = await createResourceServer(
    config,
    createLogger('resource-server', config.logLevel, sink(log)),
  );
  await application.listen({ host: '127.0.0.1', port: 0 });
  return application;
}

/** Keeps log lines, so that tests can look for what must not be there. */
function sink(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().split('\n').filter(Boolean));
      done();
    },
  });
}
