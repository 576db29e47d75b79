import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { assertInteractive, confirm } from '../prompt.js';

export interface AgreeOptions {
  readonly yes?: boolean;
}

/** Asks before something that cannot be undone. @throws CliError when it is not wanted, or no person can be asked */
export async function agree({ terminal }: Cli, question: string, { yes }: AgreeOptions): Promise<void> {
  if (yes === true) return;
  assertInteractive(terminal, '--yes');
  if (!(await confirm(terminal, question))) throw new CliError('Nothing was changed');
}
