import { ConfigurationError } from '@latchkey/platform';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { parseDocument, type Document } from 'yaml';
import { canonicalUsername } from '../users/username.js';
import { ConfigurationDocument } from './configuration-document.js';

/** What JSON can hold, whatever tags and directives say. Warnings would go to the console, and quote the file. */
const YAML_OPTIONS = {
  schema: 'core',
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

/** What building an object from data would follow to its prototype; no key of ours has such a name. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a configuration file, YAML or JSON (which is YAML).
 *
 * @param source what to call the file in messages
 * @throws ConfigurationError naming the place of every unknown key and wrong value, and no value
 */
export function parseConfiguration(text: string, source: string): ConfigurationDocument {
  const yaml = parseDocument(text, YAML_OPTIONS);
  if (yaml.errors.length > 0) {
    throw new ConfigurationError(
      source,
      yaml.errors.map(({ code, pos }) => `line ${lineOf(text, pos[0])}: not valid YAML (${code})`),
    );
  }
  const content = toPlainData(yaml, source);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigurationError(source, ['it must be a mapping with scopes, clients and users']);
  }
  const document = plainToInstance(ConfigurationDocument, withoutEmptyLists(content));
  const errors = validateSync(document, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  const invalid = errors.flatMap((error) => flatten(error, ''));
  const problems = invalid.length > 0 ? invalid : repeatedNames(document);
  if (problems.length > 0) throw new ConfigurationError(source, problems);
  return document;
}

const LISTS: ReadonlySet<string> = new Set(['scopes', 'clients', 'users']);

/** `users:` with nothing below it is how a list without entries is often written. */
function withoutEmptyLists(content: object): object {
  return Object.fromEntries(
    Object.entries(content).filter(([key, value]) => value !== null || !LISTS.has(key)),
  );
}

/** An alias may stand for nothing, for too much, or for what it is part of. */
function toPlainData(yaml: Document.Parsed, source: string): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(yaml.toJS());
  } catch {
    throw new ConfigurationError(source, ['an alias is unknown, contains itself or is repeated too often']);
  }
  return JSON.parse(json ?? 'null', (key, value: unknown) => {
    if (UNSAFE_KEYS.has(key)) throw new ConfigurationError(source, [`there is no key ${key}`]);
    return value;
  });
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** Keys are named like ours; what is not may be a value: `{ password:secret }` is a key without one. */
const KEY_NAME = /^[a-z_]+$/i;

function flatten({ property, constraints = {}, children = [] }: ValidationError, parent: string): string[] {
  if (/^\d+$/.test(property)) return problemsAt(`${parent}[${property}]`, constraints, children);
  if (!KEY_NAME.test(property)) return [`${parent || 'the file'}: has a key that no setting is called`];
  return problemsAt(parent ? `${parent}.${property}` : property, constraints, children);
}

function problemsAt(
  place: string,
  constraints: Record<string, string>,
  children: readonly ValidationError[],
): string[] {
  return [
    ...Object.values(constraints).map((message) => `${place}: ${message}`),
    ...children.flatMap((child) => flatten(child, place)),
  ];
}

function repeatedNames({ scopes = [], clients = [], users = [] }: ConfigurationDocument): string[] {
  return [
    ...repeated(
      'scopes',
      'name',
      scopes.map(({ name }) => name),
    ),
    ...repeated(
      'clients',
      'client_id',
      clients.map(({ client_id }) => client_id),
    ),
    ...repeated(
      'users',
      'username',
      users.map(({ username }) => canonicalUsername(username) ?? username),
    ),
  ];
}

function repeated(list: string, key: string, names: string[]): string[] {
  const first = new Map<string, number>();
  return names.flatMap((name, index) => {
    const earlier = first.get(name);
    if (earlier !== undefined) return [`${list}[${index}].${key}: is the same as in ${list}[${earlier}]`];
    first.set(name, index);
    return [];
  });
}
