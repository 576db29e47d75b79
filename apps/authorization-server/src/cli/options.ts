import { InvalidArgumentError, Option } from 'commander';
import type { FileFormat } from '../provisioning/configuration-writer.js';
import type { CliCommand } from './cli-command.js';
import type { JsonOption } from './cli.js';

/** Options of `latchkey apply`, on the database or through the API. */
export interface ApplyCommandOptions extends JsonOption {
  readonly file: string;
  readonly online?: boolean;
  readonly profile?: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly again?: boolean;
  readonly showUnchanged?: boolean;
}

/** Options of `latchkey export`, from the database or through the API. */
export interface ExportOptions {
  readonly output?: string;
  readonly format: FileFormat;
  readonly withSecrets?: boolean;
  readonly online?: boolean;
  readonly profile?: string;
}

/** Help of commands that also exist for the database. */
export const ONLINE_HELP =
  'through the API of a running server, as its client: needs no database and no master key';

export const jsonOption = (): Option => new Option('--json', 'write one JSON document, for scripts');

export const wideOption = (): Option => new Option('--wide', 'one line for each, with nothing cut');

/** Adds the options of every command on a running server. */
export function onlineOptions(command: CliCommand): CliCommand {
  return command
    .addOption(new Option('--profile <name>', 'the server and client of a stored profile'))
    .addOption(jsonOption());
}

/** The same for a command that lists. */
export function listOptions(command: CliCommand): CliCommand {
  return onlineOptions(command)
    .addOption(new Option('--limit <n>', 'show this many (default: 50)').argParser(positiveInteger))
    .addOption(new Option('--all', 'show all there are'))
    .addOption(wideOption());
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number above 0.');
  return Number(text);
}

/** The heading of the help for commands that talk to a running server. */
export const ONLINE =
  'On a running server (LATCHKEY_URL, LATCHKEY_CLIENT_ID, LATCHKEY_CLIENT_SECRET, or a profile):';

/** The heading of the help for commands that need no server. */
export const OFFLINE = 'On the database, without a server (same environment as the server):';
