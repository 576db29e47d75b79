import { stringify } from 'yaml';
import type { WrittenConfiguration, WrittenEntry } from './configuration-exporter.js';

export type FileFormat = 'yaml' | 'json';

/** Number of entries that are joined before they are written. A list may have a million entries. */
const ENTRIES_AT_ONCE = 500;

/** The lists of a configuration file, in the order in which they are applied. */
export const LISTS = ['scopes', 'groups', 'clients', 'users'] as const;

/** No folding: with folded lines, a small change could change many lines in version control. */
const YAML_OPTIONS = { lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: Infinity } as const;

interface Notation {
  readonly begin: string;
  list(name: string, isFirst: boolean): string;
  entry(entry: WrittenEntry, isFirst: boolean): string;
  endOfList(isEmpty: boolean): string;
  readonly end: string;
}

const YAML: Notation = {
  begin: '',
  list: (name) => `${name}:`,
  entry: (entry, isFirst) => (isFirst ? '\n' : '') + indented(stringify([entry], YAML_OPTIONS)),
  endOfList: (isEmpty) => (isEmpty ? ' []\n' : ''),
  end: '',
};

const JSON_NOTATION: Notation = {
  begin: '{',
  list: (name, isFirst) => `${isFirst ? '' : ','}\n  "${name}": [`,
  entry: (entry, isFirst) => `${isFirst ? '' : ','}\n    ${JSON.stringify(entry)}`,
  endOfList: (isEmpty) => (isEmpty ? ']' : '\n  ]'),
  end: '\n}\n',
};

/**
 * Writes a configuration file in parts.
 *
 * @param write receives the next part
 */
export async function writeConfiguration(
  configuration: WrittenConfiguration,
  format: FileFormat,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const notation = format === 'yaml' ? YAML : JSON_NOTATION;
  let text = notation.begin;
  for (const [position, name] of LISTS.entries()) {
    const list = configuration[name];
    if (list === undefined) continue;
    text += notation.list(name, position === 0);
    let entries = 0;
    for await (const entry of list) {
      text += notation.entry(entry, entries === 0);
      entries++;
      if (entries % ENTRIES_AT_ONCE > 0) continue;
      await write(text);
      text = '';
    }
    text += notation.endOfList(entries === 0);
  }
  await write(text + notation.end);
}

function indented(text: string): string {
  return text.replace(/(?<=^|\n)(?=[^\n])/g, '  ');
}
