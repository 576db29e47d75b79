import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { confirm } from '../prompt.js';

export interface AgreeOptions {
  readonly yes?: boolean;
}

/** Asks before something that cannot be undone. @throws CliError when it is not wanted, or nobody can be asked */
export async function agree({ terminal }: Cli, question: string, { yes }: AgreeOptions): Promise<void> {
  if (yes === true) return;
  if (!terminal.isInteractive) throw CliError.usage('There is nobody to ask', 'Add --yes.');
  if (!(await confirm(terminal, question))) throw new CliError('Nothing was changed');
}
