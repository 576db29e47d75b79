import { InvalidArgumentError, Option } from 'commander';
import type { Field as ResourceField, Fields } from '../fields/field.js';
import type { CliCommand } from './cli-command.js';
import { futureTime } from './times.js';

/** A member of a resource that an option of the same name sets. */
export interface Field {
  /** On the wire. */
  readonly name: string;
  readonly kind: 'text' | 'spaceDelimited' | 'list' | 'number' | 'boolean' | 'date';
  readonly help: string;
  readonly choices?: readonly string[];
}

const KINDS: Record<ResourceField['type'], Field['kind']> = {
  text: 'text',
  choice: 'text',
  choices: 'list',
  names: 'list',
  audience: 'list',
  scope: 'spaceDelimited',
  integer: 'number',
  boolean: 'boolean',
  date: 'date',
};

const PLACEHOLDERS: Record<Field['kind'], string> = {
  text: '<text>',
  spaceDelimited: '<scopes>',
  list: '<a,b,...>',
  number: '<n>',
  boolean: '<true|false>',
  date: '<date>',
};

/** The value that resets a field to its default, or to nothing. */
const NOTHING = 'none';

/** Commander treats `null` as a missing value. */
const ABSENT = Symbol('absent');

/** The options for the fields of a resource. */
export function optionsOf(fields: Fields): readonly Field[] {
  return Object.values(fields).map((field) => ({
    name: field.name,
    kind: KINDS[field.type],
    help: field.meaning,
    ...(field.type === 'choice' && { choices: field.choices }),
  }));
}

/** Adds an option for each field: `--access-token-ttl` sets `access_token_ttl`. */
export function addFieldOptions(command: CliCommand, fields: readonly Field[]): CliCommand {
  for (const field of fields) {
    const flag = `--${field.name.replaceAll('_', '-')} ${PLACEHOLDERS[field.kind]}`;
    const option = new Option(flag, field.help);
    option.argParser((text: string) => read(field, text));
    command.addOption(option);
  }
  return command;
}

/** Refuses a command without any of these options and shows its help, because the command would change nothing. */
export function requireField(command: CliCommand, fields: readonly Field[]): CliCommand {
  return command.hook('preAction', () => {
    if (Object.keys(givenFields(command.opts(), fields)).length > 0) return;
    command.showHelpAfterError(true);
    command.error('error: nothing to change was given; add one of the options below');
  });
}

/** The given members, by their names on the wire. */
export function givenFields(
  options: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
): Record<string, unknown> {
  const given = fields
    .map(({ name }) => [name, options[camelCase(name)]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value === ABSENT ? null : value] as const);
  return Object.fromEntries(given);
}

function read(field: Field, text: string): unknown {
  const { kind, choices } = field;
  if (text === NOTHING) return ABSENT;
  if (choices !== undefined && !choices.includes(text)) {
    throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`);
  }
  switch (kind) {
    case 'number':
      if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
      return Number(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It is true or false.');
      return text === 'true';
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean);
    case 'date':
      return futureTime(text).slice(0, 10);
    case 'text':
    case 'spaceDelimited':
      return text;
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
