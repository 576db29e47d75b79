import { Command, type CommandOptions } from 'commander';
import type { Cli, OnlineOptions } from './cli.js';
import type { Session } from './online/session.js';

interface Example {
  readonly line: string;
  /** The effect of the example. */
  readonly meaning: string;
}

/** A command with examples of its use, for its help and for the reference. */
export class CliCommand extends Command {
  readonly examples: Example[] = [];

  /** Called by commander for each subcommand. */
  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  subcommand(nameAndArguments: string, description: string, options: CommandOptions = {}): CliCommand {
    return (this.command(nameAndArguments, options) as CliCommand).description(description);
  }

  /**
   * Sets what the command runs.
   *
   * @param load imports the work when the command runs, so that the program starts fast; the work receives the
   *   arguments in their order, and then the options
   */
  runs<Values extends unknown[]>(
    cli: Cli,
    load: () => Promise<(cli: Cli, ...values: Values) => Promise<void> | void>,
  ): this {
    return this.action(async (...values: unknown[]) => {
      const work = await load();
      // Commander passes the arguments, then the command's own options, and then the command itself.
      const options = (values.at(-1) as CliCommand).optsWithGlobals();
      await work(cli, ...([...values.slice(0, -2), options] as Values));
    });
  }

  /**
   * Sets what a command on a running server runs.
   *
   * @param work receives the session, the arguments in their order, and then the options
   */
  runsOnline<Values extends unknown[]>(
    cli: Cli,
    work: (session: Session, ...values: Values) => Promise<void>,
  ): this {
    return this.runs<Values>(cli, async () => {
      const { Session } = await import('./online/session.js');
      return (cli, ...values) => work(Session.connect(cli, values.at(-1) as OnlineOptions), ...values);
    });
  }

  /** @param line without the leading `latchkey` */
  example(line: string, meaning: string): this {
    if (this.examples.length === 0) this.addHelpText('after', () => this.#exampleText());
    this.examples.push({ line: `latchkey ${line}`, meaning });
    return this;
  }

  #exampleText(): string {
    const lines = this.examples.map(({ line, meaning }) => `  # ${meaning}\n  ${line}`);
    return `\nExamples:\n${lines.join('\n')}`;
  }
}

/**
 * Adds a command, or a group of commands, to the program: one file of `commands/`. It describes the commands, and
 * imports their work only when they run, so that the program starts fast.
 */
export type CommandModule = (program: CliCommand, cli: Cli) => void;
