import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import type { Cli } from './cli.js';
import { CliCommand } from './cli-command.js';
import { CliError, EXIT, type ExitStatus } from './cli-error.js';
import { COMMANDS } from './commands/index.js';

/** The descriptions of all commands. Their work is imported when they run. */
export function createProgram(cli: Cli): CliCommand {
  const program = new CliCommand('latchkey')
    .description('Administers a Latchkey authorization server.')
    .version(ownVersion(), '-V, --version', 'show the version')
    .option('--no-color', 'no colours, also on a terminal; NO_COLOR=1 means the same')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureOutput({
      writeOut: (text) => cli.terminal.stdout.write(text),
      writeErr: (text) => cli.terminal.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride();
  for (const addTo of COMMANDS) addTo(program, cli);
  return program;
}

/** Runs one command. @param arguments_ without interpreter and script */
export async function runCommandLine(arguments_: readonly string[], cli: Cli): Promise<ExitStatus> {
  try {
    await createProgram(cli).parseAsync(arguments_, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has already printed the error, or the requested help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CliError) return explain(error, cli);
    cli.terminal.note(
      'latchkey: an unexpected error; please report it with the lines below',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
    return EXIT.failed;
  } finally {
    cli.terminal.lines.release();
  }
}

function explain({ message, advice, status }: CliError, { terminal }: Cli): ExitStatus {
  terminal.note(`latchkey: ${message}`);
  if (advice !== null) terminal.note(advice);
  return status;
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
