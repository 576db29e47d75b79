import type { ParsedConfiguration } from '../../provisioning/parse-configuration.js';

const LISTS = ['scopes', 'clients', 'users'] as const;

/** What one request applies at most; the server takes 100 entries and bodies of 64 KiB. */
const BATCH_ENTRIES = 100;
const BATCH_BYTES = 50_000;
/** Each of them is hashed before the server answers. */
const BATCH_PASSWORDS = 20;

/** An entry of a configuration file that nothing is wrong with by itself. */
export interface Entry {
  readonly list: (typeof LISTS)[number];
  /** In its list, from 0. */
  readonly index: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Entries of one list for one request. */
export interface Batch {
  readonly list: Entry['list'];
  readonly entries: readonly Entry[];
}

/** All of them in the order in which they have to be applied. */
export function entriesOf(parsed: ParsedConfiguration): Entry[] {
  return LISTS.flatMap((list) =>
    parsed.entries(list).map(([index, value]) => ({ list, index, value: { ...value } })),
  );
}

/** One entry at least, which the server may find too large. */
export function* batchesOf(all: readonly Entry[]): Generator<Batch> {
  let entries: Entry[] = [];
  let bytes = 0;
  let passwords = 0;
  for (const entry of all) {
    const size = Buffer.byteLength(JSON.stringify(entry.value)) + 1;
    const isPassword = entry.value.password !== undefined ? 1 : 0;
    const isFull =
      entries.length === BATCH_ENTRIES ||
      bytes + size > BATCH_BYTES ||
      passwords + isPassword > BATCH_PASSWORDS ||
      entries[0]?.list !== entry.list;
    if (entries[0] !== undefined && isFull) {
      yield { list: entries[0].list, entries };
      entries = [];
      bytes = 0;
      passwords = 0;
    }
    entries.push(entry);
    bytes += size;
    passwords += isPassword;
  }
  if (entries[0] !== undefined) yield { list: entries[0].list, entries };
}
