import { readFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, EXIT } from '../cli-error.js';
import type { Cli, OnlineOptions } from '../cli.js';

export type ConnectionOptions = Pick<OnlineOptions, 'profile'>;

const DEFAULT_URL = 'http://127.0.0.1:3000';

const ADVICE =
  'Set LATCHKEY_CLIENT_ID and LATCHKEY_CLIENT_SECRET (or LATCHKEY_CLIENT_SECRET_FILE), or store them with `latchkey profiles set`.';

/**
 * Finds the server and the credentials: the selected profile, else the environment, else the profile `default`.
 *
 * @throws CliError
 */
export function resolveConnection(cli: Cli, { profile }: ConnectionOptions): Connection {
  const { environment } = cli;
  const name = profile ?? environment.LATCHKEY_PROFILE;
  const connection = name === undefined ? unnamed(cli) : named(cli, name);
  assertConfidential(connection.url, environment);
  return connection;
}

/** The profile in use; `null` if the environment names the server and client. */
export function currentProfile({ environment }: Cli, { profile }: ConnectionOptions): string | null {
  const name = profile ?? environment.LATCHKEY_PROFILE;
  if (name !== undefined || environment.LATCHKEY_CLIENT_ID !== undefined) return name ?? null;
  return findProfile(environment, 'default') === null ? null : 'default';
}

function named(cli: Cli, name: string): Connection {
  const profile = findProfile(cli.environment, name);
  if (profile === null) {
    throw CliError.usage(`There is no profile ${name}`, 'See `latchkey profiles list`.');
  }
  return profile;
}

function unnamed(cli: Cli): Connection {
  const { environment } = cli;
  const clientId = environment.LATCHKEY_CLIENT_ID;
  const profile = clientId === undefined ? findProfile(environment, 'default') : null;
  if (profile !== null) return profile;
  const clientSecret = readSecret(environment);
  if (!clientId || !clientSecret) throw CliError.usage('No client to act as', ADVICE);
  return { url: serverUrl(cli), clientId, clientSecret };
}

/** The server from the argument or the environment; else the one that `npm start` runs. */
export function serverUrl({ environment }: Cli, url = environment.LATCHKEY_URL): string {
  return normalizeUrl(url ?? DEFAULT_URL);
}

function readSecret(environment: Cli['environment']): string | undefined {
  const secret = environment.LATCHKEY_CLIENT_SECRET;
  const file = environment.LATCHKEY_CLIENT_SECRET_FILE;
  if (!file) return secret;
  if (secret) {
    throw CliError.usage(
      'LATCHKEY_CLIENT_SECRET and LATCHKEY_CLIENT_SECRET_FILE are both set',
      'Choose one.',
    );
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CliError('LATCHKEY_CLIENT_SECRET_FILE cannot be read', EXIT.usage, ADVICE, { cause: error });
  }
}

/** @throws CliError for a text that is no http or https URL, or has more parts than the location of a server */
export function normalizeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    /[^\x21-\x7e]/.test(text) ||
    !/^https?:$/.test(url.protocol) ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw CliError.usage(
      `${JSON.stringify(text)} is no URL of a server`,
      'It looks like https://login.example.com.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw CliError.usage('The URL of the server holds credentials', ADVICE);
  }
  return url.href.replace(/\/+$/, '');
}

/** The client's secret and the data that it administers must not leave this machine unencrypted. */
export function assertConfidential(url: string, environment: Cli['environment']): void {
  const allowHttp = environment.LATCHKEY_ALLOW_HTTP ?? '';
  if (!['', 'true', 'false'].includes(allowHttp)) {
    throw CliError.usage('LATCHKEY_ALLOW_HTTP must be true or false');
  }
  const { protocol, hostname } = new URL(url);
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || isLoopback || allowHttp === 'true') return;
  throw CliError.usage(
    `${url} would be asked without encryption`,
    'Use https, or set LATCHKEY_ALLOW_HTTP=true on a network that nobody else can read.',
  );
}

type Environment = Cli['environment'];

/** The server that commands use, and the client. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Servers and credentials by name, in a file that only its owner can read. */
type Profiles = Readonly<Record<string, Connection>>;

export function profilesPath(environment: Environment): string {
  const base = environment.XDG_CONFIG_HOME ?? join(environment.HOME ?? homedir(), '.config');
  return join(base, 'latchkey', 'profiles.json');
}

/** @throws CliError when the file exists and cannot be read */
export function readProfiles(environment: Environment): Profiles {
  const path = profilesPath(environment);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new CliError(`${path} cannot be read`, EXIT.usage, null, { cause: error });
  }
  const profiles = parse(text);
  if (profiles === null) throw CliError.usage(`${path} is no file of profiles`, 'Correct it, or remove it.');
  return profiles;
}

function findProfile(environment: Environment, name: string): Connection | null {
  const profiles = readProfiles(environment);
  return Object.hasOwn(profiles, name) ? (profiles[name] ?? null) : null;
}

/** Replaces the file atomically, so that no reader sees a part of it. */
export function writeProfiles(environment: Environment, profiles: Profiles): void {
  const path = profilesPath(environment);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function parse(text: string): Profiles | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  return Object.values(value).every(isConnection) ? (value as Profiles) : null;
}

function isConnection(value: unknown): value is Connection {
  const { url, clientId, clientSecret } = (value ?? {}) as Partial<Connection>;
  return [url, clientId, clientSecret].every((part) => typeof part === 'string');
}
