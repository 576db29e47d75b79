import type { EntryChange } from '../../provisioning/configuration-change.js';
import { LISTS } from '../../provisioning/configuration-writer.js';
import type { InvalidValue } from '../../provisioning/invalid-values.js';
import { ParsedConfiguration } from '../../provisioning/parse-configuration.js';
import { CliError, EXIT } from '../cli-error.js';
import type { Cli } from '../cli.js';
import type { ApplyCommandOptions } from '../options.js';
import { showChanges } from '../output/describe-changes.js';
import { Progress } from '../output/progress.js';
import { readTextInput } from '../prompt.js';
import { AdminClient } from './admin-client.js';
import { RefusalError } from './http.js';

/** Applies a configuration file through the administration API, in batches, and shows the changes. */
export async function applyOnline(cli: Cli, options: ApplyCommandOptions): Promise<void> {
  if (options.prune === true) {
    throw CliError.usage(
      '--prune works on the database only',
      'Run it where the server runs, without --online.',
    );
  }
  const file = await readTextInput(cli.terminal, options.file);
  const parsed = new ParsedConfiguration(file.text, file.source);
  if (!parsed.hasKnownScopes) throw refusal(parsed, []);
  const run = new OnlineApplication(AdminClient.connect(cli, options), parsed, cli);
  const changes = await run.check();
  if (options.dryRun === true) return showChanges(changes, false, options, cli.terminal);
  await showChanges(await run.apply(changes), true, options, cli.terminal);
}

class OnlineApplication {
  constructor(
    private readonly client: AdminClient,
    private readonly parsed: ParsedConfiguration,
    private readonly cli: Cli,
  ) {}

  /** Finds all changes and all problems, without changing anything. */
  async check(): Promise<readonly EntryChange[]> {
    const entries = entriesOf(this.parsed);
    const progress = new Progress(this.cli.terminal, 'Compared', entries.length);
    const changes: EntryChange[] = [];
    const problems: InvalidValue[] = [];
    let done = 0;
    for (const batch of batchesOf(entries)) {
      try {
        changes.push(...(await this.#send(batch, true)));
      } catch (error) {
        const found = problemsOf(error, batch);
        if (found.length === 0) {
          progress.end();
          throw error;
        }
        problems.push(...found);
      }
      progress.report((done += batch.entries.length));
    }
    if (problems.length > 0 || !this.parsed.isWhole) throw refusal(this.parsed, problems);
    return changes;
  }

  /** Sends the entries that change. @param checked in the order of the entries */
  async apply(checked: readonly EntryChange[]): Promise<readonly EntryChange[]> {
    const changing = entriesOf(this.parsed).filter((_, order) =>
      /^(create|update)$/.test(checked[order]?.action ?? ''),
    );
    const progress = new Progress(this.cli.terminal, 'Applied', changing.length);
    const applied = new Map<string, EntryChange>();
    for (const batch of batchesOf(changing)) {
      try {
        for (const change of await this.#send(batch, false)) applied.set(keyOf(change), change);
      } catch (error) {
        progress.end();
        throw this.#explain(error, batch, applied.size, changing.length);
      }
      progress.report(applied.size);
    }
    return checked.map((change) => applied.get(keyOf(change)) ?? change);
  }

  async #send({ list, entries }: Batch, dryRun: boolean): Promise<readonly EntryChange[]> {
    const toCome = list === 'scopes' || !dryRun ? [] : this.#scopesToCome(entries);
    const body = {
      [list]: entries.map(({ value }) => value),
      ...(toCome.length > 0 && { scopes_to_come: toCome }),
      dry_run: dryRun,
    };
    const request = { method: 'POST', path: `configuration/${list}`, body } as const;
    return (await this.client.request<{ changes: EntryChange[] }>(areaOf(list), request)).body.changes;
  }

  /** Scopes of the file that these entries refer to, because a dry run does not create them. */
  #scopesToCome(entries: readonly Entry[]): string[] {
    const known = new Set(this.parsed.scopeNames());
    const named = entries.flatMap(({ value }) =>
      [value.scope, value.default_scope, value.allowed_scope].flatMap((text) =>
        typeof text === 'string' ? text.split(' ') : [],
      ),
    );
    return [...new Set(named)].filter((name) => known.has(name));
  }

  #explain(error: unknown, batch: Batch, applied: number, total: number): unknown {
    if (!(error instanceof CliError)) return error;
    const [first, last] = [batch.entries[0], batch.entries.at(-1)].map((entry) => entry?.index ?? 0);
    const where = `${batch.list}[${first}] to ${batch.list}[${last}]`;
    const isKnown = error instanceof RefusalError && error.status !== EXIT.unreachable;
    const advice = [
      error.advice ?? '',
      `${applied} of ${total} changes are applied.`,
      isKnown ? `Nothing of ${where} is.` : `Whether those of ${where} are is not known.`,
      'Run the command again: it goes on with what is missing.',
    ];
    const problems = problemsOf(error, batch);
    const message = problems.length === 0 ? error.message : refusal(this.parsed, problems).message;
    return new CliError(message, error.status, advice.join(' ').trim(), { cause: error });
  }
}

function keyOf({ kind, name }: EntryChange): string {
  return `${kind} ${name}`;
}

/** Problems that the server reports for entries of a batch, by their place in the file. */
function problemsOf(error: unknown, { list, entries }: Batch): InvalidValue[] {
  if (!(error instanceof RefusalError)) return [];
  return error.fields.flatMap(({ field, problem }) => {
    const [, index, key] = /^\w+\[(\d+)\](?:\.(.*))?$/s.exec(field) ?? [];
    const entry = index === undefined ? undefined : entries[Number(index)];
    return entry === undefined
      ? []
      : [{ path: [list, entry.index, ...(key === undefined ? [] : [key])], text: problem }];
  });
}

/** The same message as that of an offline command. */
function refusal(parsed: ParsedConfiguration, problems: readonly InvalidValue[]): CliError {
  return new CliError(parsed.refusal(problems).message, EXIT.failed);
}

/** Groups belong to the area of users. */
const areaOf = (list: Entry['list']) => (list === 'groups' ? 'users' : list);

/** Limits of one request; the server accepts 100 entries and bodies of 64 KiB. */
const BATCH_ENTRIES = 100;
const BATCH_BYTES = 50_000;
/** Each password is hashed before the server answers. */
const BATCH_PASSWORDS = 20;

/** An entry of a configuration file that is valid by itself. */
interface Entry {
  readonly list: (typeof LISTS)[number];
  /** Index in its list, from 0. */
  readonly index: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Entries of one list for one request. */
interface Batch {
  readonly list: Entry['list'];
  readonly entries: readonly Entry[];
}

/** All entries, in the order in which they have to be applied. */
function entriesOf(parsed: ParsedConfiguration): Entry[] {
  return LISTS.flatMap((list) =>
    parsed.entries(list).map(([index, value]) => ({ list, index, value: { ...value } })),
  );
}

/** Batches of at least one entry each, which may still be too large for the server. */
function* batchesOf(all: readonly Entry[]): Generator<Batch> {
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
