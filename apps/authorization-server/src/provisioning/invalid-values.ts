import { getMetadataStorage, type ValidationError } from 'class-validator';
import type { Path } from './configuration-text.js';

export interface InvalidValue {
  readonly path: Path;
  readonly text: string;
}

/** The form of our keys. Another key may be a value by mistake: `{ password:secret }` is a key without a value. */
const KEY_NAME = /^[a-z_]+$/i;

const LIST_RULES: ReadonlySet<string> = new Set(['isArray', 'isList']);

/** Describes invalid values in the terms of a configuration file, without the values themselves. */
export function invalidValues(error: ValidationError, parent: Path = []): InvalidValue[] {
  const { property, target, children = [] } = error;
  if (!Array.isArray(target) && !KEY_NAME.test(property)) {
    return [{ path: parent, text: 'has a key that is no setting; is a space missing after a colon?' }];
  }
  const path = [...parent, Array.isArray(target) ? Number(property) : property];
  return [...ownProblems(error, path), ...children.flatMap((child) => invalidValues(child, path))];
}

function ownProblems(
  { property, value, target, constraints = {} }: ValidationError,
  path: Path,
): InvalidValue[] {
  const rules = Object.keys(constraints);
  const problem = (text: string, more: Path = []): InvalidValue[] => [{ path: [...path, ...more], text }];
  if (rules.length === 0) return [];
  if (rules.includes('whitelistValidation')) return problem(unknownKey(property, target));
  if (value === undefined) return problem('is required');
  if (value === null) return problem('has no value: give it one, or leave the key out');
  if (!Array.isArray(value) && rules.some((rule) => LIST_RULES.has(rule))) {
    return problem('must be a list, such as [a, b]');
  }
  if (rules.includes('unknownValue')) return problem('must be a mapping of keys to values');
  if (rules.includes('isBoolean')) return problem('must be true or false, without quotes');
  if (rules.includes('isInt')) return problem('must be a whole number, without quotes');
  const described = () =>
    Object.values(constraints).flatMap((message) => problem(inOurWords(message, property)));
  const entries = Array.isArray(value) && hasRulesForEntries(property, target);
  // Where there are too many entries, none of them is described.
  if (rules.includes('arrayMaxSize')) return described();
  if (entries && rules.includes('isObject')) {
    return (value as unknown[]).flatMap((entry, index) =>
      isMapping(entry) ? [] : problem('must be a mapping of keys to values', [index]),
    );
  }
  const wrong = entries ? (value as unknown[]).findIndex((entry) => typeof entry !== 'string') : -1;
  if (wrong >= 0) return problem(notText((value as unknown[])[wrong]), [wrong]);
  if (!entries && typeof value !== 'string' && typeof value !== 'number' && !rules.some(isListSize)) {
    return problem(notText(value));
  }
  if (typeof value === 'number' && !rules.some((rule) => rule === 'min' || rule === 'max')) {
    return problem(notText(value));
  }
  return described();
}

function hasRulesForEntries(key: string, target: object | undefined): boolean {
  return rulesOf(target).some(({ propertyName, each }) => propertyName === key && each);
}

function rulesOf(target: object | undefined) {
  return getMetadataStorage().getTargetValidationMetadatas(target?.constructor ?? Object, '', false, false);
}

const isListSize = (rule: string): boolean => rule.startsWith('array') || rule === 'isList';

const isMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function notText(value: unknown): string {
  if (Array.isArray(value)) return 'must be text, not a list';
  return typeof value === 'object' ? 'must be text' : 'must be text: write it in quotes';
}

/** Without the name of the key, because the path already contains it. */
function inOurWords(message: string, key: string): string {
  if (message.startsWith('All ')) return 'has the same entry twice';
  return message
    .replace(`each value in ${key} `, 'each entry ')
    .replace(`${key} `, '')
    .replace('one of the following values: ', 'one of ')
    .replace('should not be empty', 'must not be empty');
}

function unknownKey(key: string, target: object | undefined): string {
  const near = nearest(key, new Set(rulesOf(target).map(({ propertyName }) => propertyName)));
  return near === null ? 'there is no such key' : `there is no such key; did you mean ${near}?`;
}

/** The key that was probably meant: the most similar one, or one that contains the given key. */
function nearest(key: string, known: Iterable<string>): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '');
  const written = plain(key);
  const candidates = [...known].map((name) => ({ name, distance: editDistance(written, plain(name)) }));
  const [best] = candidates.sort((left, right) => left.distance - right.distance);
  if (best !== undefined && best.distance <= Math.min(2, written.length / 3)) return best.name;
  const containing = candidates.filter(({ name }) => written.length > 3 && plain(name).includes(written));
  return containing[0]?.name ?? null;
}

/** The number of letters to add, remove or replace (Levenshtein). */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...left].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...right].entries()) {
      const exchanged = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
