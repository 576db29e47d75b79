import {
  ConfigurationApplier,
  PruningChangedError,
  type ApplyOptions,
} from '../../provisioning/configuration-applier.js';
import type { EntryChange } from '../../provisioning/configuration-change.js';
import type { ReportProgress } from '../../provisioning/document-provisioner.js';
import type { Cli } from '../cli.js';
import { CliError, EXIT } from '../cli-error.js';
import type { ApplyCommandOptions } from '../options.js';
import { confirm, readTextInput, STANDARD_INPUT } from '../prompt.js';
import { describeChanges, showChanges } from '../output/describe-changes.js';
import { Progress } from '../output/progress.js';
import { chooseDatabase } from './with-database.js';
import { withInstallation } from './with-installation.js';

type Apply = (options: ApplyOptions) => Promise<readonly EntryChange[] | null>;

/** Applies a configuration file in the same way as a starting server, and shows the changes. */
export async function applyConfiguration(cli: Cli, options: ApplyCommandOptions): Promise<void> {
  const { dryRun = false, prune = false, again = false } = options;
  if (prune && !dryRun && options.yes !== true) assertCanAsk(cli, options);
  const file = await readTextInput(cli.terminal, options.file);
  const config = await chooseDatabase(cli);
  await withInstallation(cli, config, { migrate: !dryRun, create: false }, async ({ get }) => {
    const applier = get(ConfigurationApplier);
    const apply: Apply = (more) =>
      applier.apply(file, { prune, again, onProgress: progressOf(cli, more.dryRun), ...more });
    if (dryRun) return showChanges(await apply({ dryRun: true }), false, options, cli.terminal);
    if (prune && options.yes !== true) return applyAsAgreed(apply, options, cli);
    await showChanges(await apply({}), true, options, cli.terminal);
  });
}

/** Reports the progress on the users, of which there may be many. */
function progressOf({ terminal }: Cli, dryRun = false): ReportProgress {
  const steps = new Map<string, Progress>();
  const verbs = { prepared: 'Prepared the passwords of', compared: dryRun ? 'Compared' : 'Applied' };
  return (step, done, total) => {
    const progress = steps.get(step) ?? new Progress(terminal, verbs[step], total);
    steps.set(step, progress);
    progress.report(done);
  };
}

/** Shows the changes, asks for confirmation, and applies exactly these changes. */
async function applyAsAgreed(apply: Apply, options: ApplyCommandOptions, cli: Cli): Promise<void> {
  const changes = (await apply({ dryRun: true })) ?? [];
  // The JSON document reports what was done, so it is printed last. The changes are shown before the question.
  if (options.json === true) {
    const { showUnchanged = false } = options;
    for (const line of describeChanges(changes, { isDone: false, showUnchanged })) cli.terminal.note(line);
  } else await showChanges(changes, false, options, cli.terminal);
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
  if (options.json === true) await showChanges(changes, true, options, cli.terminal);
  cli.terminal.note('Applied.');
}

function assertCanAsk({ terminal }: Cli, { file }: ApplyCommandOptions): void {
  if (terminal.isInteractive && file !== STANDARD_INPUT) return;
  throw CliError.usage(
    'This is not an interactive terminal where --prune could ask; pass --yes',
    'See with --dry-run what it deletes.',
  );
}
