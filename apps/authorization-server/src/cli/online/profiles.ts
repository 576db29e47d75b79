import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';

type Environment = Cli['environment'];

/** The server that commands talk to, and as which client. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Servers and credentials by name, in a file that only its owner can read. */
export type Profiles = Readonly<Record<string, Connection>>;

export function profilesPath(environment: Environment): string {
  const base = environment.XDG_CONFIG_HOME ?? join(environment.HOME ?? homedir(), '.config');
  return join(base, 'latchkey', 'profiles.json');
}

/** @throws CliError when there is a file and it cannot be read */
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
  if (profiles === null) throw CliError.usage(`${path} is no file of profiles`, 'Mend it, or remove it.');
  return profiles;
}

export function findProfile(environment: Environment, name: string): Connection | null {
  const profiles = readProfiles(environment);
  return Object.hasOwn(profiles, name) ? (profiles[name] ?? null) : null;
}

/** Replaces the file as a whole, so that nobody reads half of it. */
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
