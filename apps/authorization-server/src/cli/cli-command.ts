import { Command, type CommandOptions } from 'commander';
import type { Cli, OnlineOptions } from './cli.js';
import type { Session } from './online/session.js';

export interface Example {
  readonly line: string;
  /** What it does. */
  readonly meaning: string;
}

/** A command that knows examples of its use, for its help and for the reference. */
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
   * Says what the command does.
   *
   * @param load imports it when it runs, so that the program starts fast; it is given the arguments in their order, and
   * then the options
   */
  runs<Values extends unknown[]>(
    cli: Cli,
    load: () => Promise<(cli: Cli, ...values: Values) => Promise<void> | void>,
  ): this {
    return this.action(async (...values: unknown[]) => {
      const work = await load();
      // Commander gives the arguments, then the options of the command alone, and then the command itself.
      const options = (values.at(-1) as CliCommand).optsWithGlobals();
      await work(cli, ...([...values.slice(0, -2), options] as Values));
    });
  }

  /**
   * Says what a command on a running server does.
   *
   * @param work is given the session, the arguments in their order, and then the options
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
 * Adds a command, or a group of them, to the program: one file of `commands/`. It describes, and imports what it runs
 * only when it runs, so that the program starts fast.
 */
export type CommandModule = (program: CliCommand, cli: Cli) => void;
