import type { Cli, OnlineOptions } from '../cli.js';
import { CliError, EXIT } from '../cli-error.js';
import { Progress } from '../output/progress.js';
import { visible } from '../output/visible.js';
import { readTextInput } from '../prompt.js';
import { canonicalUsername } from '../../users/username.js';
import { AdminClient } from './admin-client.js';
import { RefusalError } from './http.js';

interface ImportOptions extends OnlineOptions {
  readonly skipExisting?: boolean;
  readonly preHash?: string;
  readonly pepper?: string;
  readonly pepperAt?: string;
}

/** Limits of one request; the server accepts bodies of 64 KiB. */
const BATCH_USERS = 100;
const BATCH_BYTES = 60_000;

interface UserLine {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly user: object;
}

interface ImportAnswer {
  readonly imported: number;
  readonly skipped?: number;
  readonly warnings?: readonly string[];
}

/** A batch is imported as a whole or not at all. Batches before a refused one stay imported. */
export async function importUsers(cli: Cli, file: string, options: ImportOptions): Promise<void> {
  const { text } = await readTextInput(cli.terminal, file);
  const users = parse(text).map(({ line, user }) => ({ line, user: withStep(user, stepOf(options)) }));
  const client = AdminClient.connect(cli, options);
  const progress = new Progress(cli.terminal, 'Imported', users.length);
  let done = { imported: 0, skipped: 0 };
  let sent = 0;
  const warnings = new Set<string>();
  for (const batch of batchesOf(users)) {
    try {
      const { imported, skipped = 0, warnings: found = [] } = await importBatch(client, batch, options);
      for (const warning of found) warnings.add(warning);
      done = { imported: done.imported + imported, skipped: done.skipped + skipped };
    } catch (error) {
      progress.end();
      throw explain(error, batch, done.imported);
    }
    sent += batch.length;
    progress.report(sent);
  }
  const { skipExisting = false, json = false } = options;
  if (json) {
    return cli.terminal.printJson({
      imported: done.imported,
      ...(skipExisting && { skipped: done.skipped }),
      ...(warnings.size > 0 && { warnings: [...warnings] }),
    });
  }
  const skipped = skipExisting ? ` Skipped ${done.skipped} that existed.` : '';
  cli.terminal.note(`Imported ${done.imported} users.${skipped}`);
  for (const warning of warnings) cli.terminal.note(`Warning: ${visible(warning)}`);
}

/** The step that the old system applied to each password before hashing, in the form of a hash prefix. */
function stepOf({ preHash, pepper, pepperAt }: ImportOptions): string {
  if (pepper === undefined && pepperAt !== undefined) {
    throw CliError.usage('--pepper-at says nothing without --pepper', 'Add --pepper and its name.');
  }
  const at = pepperAt === undefined ? '' : `,at=${pepperAt}`;
  const parts = [preHash, pepper === undefined ? undefined : `pepper=${pepper}${at}`];
  const step = parts.filter((part) => part !== undefined).join(',');
  return step === '' ? '' : `{${step}}`;
}

function withStep(user: object, step: string): object {
  const { password_hash: hash } = user as { password_hash?: unknown };
  return typeof hash === 'string' ? { ...user, password_hash: step + hash } : user;
}

async function importBatch(
  client: AdminClient,
  batch: readonly UserLine[],
  { skipExisting = false }: ImportOptions,
): Promise<ImportAnswer> {
  const body = { users: batch.map(({ user }) => user), ...(skipExisting && { skip_existing: true }) };
  return (await client.request<ImportAnswer>('users', { method: 'POST', path: 'users/import', body })).body;
}

/** Batches with as many users as fit into one request; at least one, which may still be too large for the server. */
function* batchesOf(users: readonly UserLine[]): Generator<UserLine[]> {
  let batch: UserLine[] = [];
  let bytes = 0;
  for (const line of users) {
    const size = Buffer.byteLength(JSON.stringify(line.user)) + 1;
    if (batch.length > 0 && (batch.length === BATCH_USERS || bytes + size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** @throws CliError naming every invalid line, before anything is imported */
function parse(text: string): UserLine[] {
  const users: UserLine[] = [];
  const problems: string[] = [];
  const linesByName = new Map<string, number>();
  for (const [index, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    const line = index + 1;
    const user = parseObject(content);
    if (user === null) {
      problems.push(`line ${line}: it is not a JSON object`);
      continue;
    }
    users.push({ line, user });
    const { username } = user as { username?: unknown };
    const name = typeof username === 'string' ? canonicalUsername(username) : null;
    if (name === null) continue;
    const earlier = linesByName.get(name);
    if (earlier === undefined) linesByName.set(name, line);
    else problems.push(`line ${line}: username: is the same as in line ${earlier}`);
  }
  if (problems.length === 0) return users;
  throw CliError.usage(
    ['The file is not usable', ...shown(problems)].join('\n'),
    'Nothing was imported. Each line is one JSON object. Correct the file and run the command again.',
  );
}

function parseObject(content: string): object | null {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** In a file of another kind every line is invalid. */
const MAX_PROBLEMS = 20;

function shown(problems: readonly string[]): string[] {
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `  ${problem}`);
  const rest = problems.length - lines.length;
  return rest === 0 ? lines : [...lines, `  and ${rest} more`];
}

/** Reports which lines of the file are wrong, and which users were imported. */
function explain(error: unknown, batch: readonly UserLine[], imported: number): unknown {
  if (!(error instanceof CliError)) return error;
  const [first, last] = [batch[0]?.line ?? 0, batch.at(-1)?.line ?? 0];
  const where = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  const before = imported === 0 ? 'Nothing was imported' : `${imported} users of the lines before are in`;
  const options = { cause: error };
  if (!(error instanceof RefusalError) || error.status === EXIT.unreachable) {
    const advice = [error.advice, `${before}; whether those of ${where} are in is not known.`, RESUME];
    return new CliError(
      error.message,
      error.status,
      advice.filter((part) => part !== null).join(' '),
      options,
    );
  }
  const problems = error.fields.map(({ field, problem }) => inFile(field, problem, batch));
  const message =
    problems.length > 0
      ? ['The server refused', ...shown(problems)].join('\n')
      : `The server refused ${where}: ${visible(error.reason)}`;
  const advice = [error.advice, `${before}, and none of ${where}.`, `Correct it. ${RESUME}`];
  return new CliError(message, error.status, advice.filter((part) => part !== null).join(' '), options);
}

const RESUME = 'Then run the command again with --skip-existing.';

/** Maps a field of a batch, such as `users[49].username`, to its line of the file. */
function inFile(field: string, problem: string, batch: readonly UserLine[]): string {
  const [, index, name = ''] = /^users\[(\d+)\]\.?(.*)$/.exec(field) ?? [];
  const line = index === undefined ? undefined : batch[Number(index)]?.line;
  if (line === undefined) return `${visible(field)}: ${visible(problem)}`;
  return `line ${line}: ${name === '' ? '' : `${visible(name)}: `}${visible(problem)}`;
}
