import { ConfigurationError } from '@latchkey/platform';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { parseDocument } from 'yaml';
import { ConfigurationDocument } from './configuration-document.js';

/**
 * Reads a configuration file, YAML or JSON (which is YAML).
 *
 * @param source what to call the file in messages
 * @throws ConfigurationError naming the place of every unknown key and wrong value, and no value
 */
export function parseConfiguration(text: string, source: string): ConfigurationDocument {
  const yaml = parseDocument(text, { prettyErrors: false });
  if (yaml.errors.length > 0) {
    throw new ConfigurationError(
      source,
      yaml.errors.map(({ code, pos }) => `line ${lineOf(text, pos[0])}: not valid YAML (${code})`),
    );
  }
  const content: unknown = yaml.toJS();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigurationError(source, ['it must be a mapping with scopes, clients and users']);
  }
  const document = plainToInstance(ConfigurationDocument, content);
  const errors = validateSync(document, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  const problems = [...errors.flatMap((error) => flatten(error, '')), ...repeatedNames(document)];
  if (problems.length > 0) throw new ConfigurationError(source, problems);
  return document;
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function flatten({ property, constraints = {}, children = [] }: ValidationError, parent: string): string[] {
  const place = /^\d+$/.test(property)
    ? `${parent}[${property}]`
    : parent
      ? `${parent}.${property}`
      : property;
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
      users.map(({ username }) => username),
    ),
  ];
}

function repeated(list: string, key: string, names: string[]): string[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [`${list}[${index}].${key}: is the same as in ${list}[${names.indexOf(name)}]`],
  );
}
