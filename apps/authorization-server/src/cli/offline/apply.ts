import {
  ConfigurationApplier,
  PruningChangedError,
  type ApplyOptions,
} from '../../provisioning/configuration-applier.js';
import type { EntryChange } from '../../provisioning/configuration-change.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import type { JsonOption } from '../commands/options.js';
import { EXIT } from '../exit-status.js';
import { confirm } from '../prompt.js';
import { readTextInput, STANDARD_INPUT } from '../text-input.js';
import { describeChanges } from './describe-changes.js';
import { chooseDatabase } from './with-database.js';
import { withInstallation } from './with-installation.js';

export interface ApplyCommandOptions extends JsonOption {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly again?: boolean;
  readonly showUnchanged?: boolean;
}

type Apply = (options: ApplyOptions) => Promise<readonly EntryChange[] | null>;

/** Applies a configuration file as a server does at its start, and shows what that changes. */
export async function applyConfiguration(cli: Cli, options: ApplyCommandOptions): Promise<void> {
  const { dryRun = false, prune = false, again = false } = options;
  if (prune && !dryRun && options.yes !== true) assertCanAsk(cli, options);
  const file = await readTextInput(cli.terminal, options.file);
  const config = await chooseDatabase(cli);
  await withInstallation(cli, config, { migrate: !dryRun, create: false }, async ({ get }) => {
    const applier = get(ConfigurationApplier);
    const apply: Apply = (more) => applier.apply(file, { prune, again, ...more });
    if (dryRun) return show(await apply({ dryRun: true }), false, options, cli);
    if (prune && options.yes !== true) return applyAsAgreed(apply, options, cli);
    await show(await apply({}), true, options, cli);
  });
}

/** Shows the difference, asks, and makes just this difference. */
async function applyAsAgreed(apply: Apply, options: ApplyCommandOptions, cli: Cli): Promise<void> {
  const changes = (await apply({ dryRun: true })) ?? [];
  // The document says what was done, so that it comes afterwards; who is asked reads the difference before.
  if (options.json === true) {
    const { showUnchanged = false } = options;
    for (const line of describeChanges(changes, { isDone: false, showUnchanged })) cli.terminal.note(line);
  } else await show(changes, false, options, cli);
  const deletions = changes.filter(({ action }) => action === 'delete').length;
  if (deletions > 0 && !(await confirm(cli.terminal, `Delete ${deletions} entries and apply the rest?`))) {
    throw new CliError('Nothing was changed');
  }
  try {
    await apply({ agreed: changes });
  } catch (error) {
    if (!(error instanceof PruningChangedError)) throw error;
    throw new CliError(`${error.message}; nothing was changed`, EXIT.failed, 'Run the command again.', {
      cause: error,
    });
  }
  if (options.json === true) await show(changes, true, options, cli);
  cli.terminal.note('Applied.');
}

function assertCanAsk({ terminal }: Cli, { file }: ApplyCommandOptions): void {
  if (terminal.isInteractive && file !== STANDARD_INPUT) return;
  throw CliError.usage(
    'This is not an interactive terminal where --prune could ask; pass --yes',
    'See with --dry-run what it deletes.',
  );
}

async function show(
  changes: readonly EntryChange[] | null,
  isDone: boolean,
  { json = false, showUnchanged = false }: ApplyCommandOptions,
  { terminal }: Cli,
): Promise<void> {
  if (json) {
    const applied = isDone && changes !== null;
    return terminal.printJson({ applied, already_applied: changes === null, changes: changes ?? [] });
  }
  if (changes !== null) return terminal.print(...describeChanges(changes, { isDone, showUnchanged }));
  await terminal.print('This file is the one that was applied last; there is nothing to do.');
  terminal.note('To undo what was changed since, add --again.');
}
