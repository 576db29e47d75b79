import type { Command, Option } from 'commander';

/** What may follow: one of some words, the path of a file, or anything. */
export type Value = readonly string[] | 'file' | 'text';

export interface CompletableOption {
  /** Its long form, or the short one where there is no other. */
  readonly flag: string;
  /** `null` where there is none, or no other. */
  readonly short: string | null;
  readonly description: string;
  /** `null`: it takes none. */
  readonly value: Value | null;
}

/** What can be typed after a command. */
export interface Completable {
  /** Words behind `latchkey`; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  readonly subcommands: readonly Completable[];
  readonly options: readonly CompletableOption[];
  /** Of its first argument; `null` where it takes none. */
  readonly argument: Value | null;
}

/** Reads a command and all below it, as its help shows them. */
export function completableOf(command: Command, path = ''): Completable {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    path,
    description: command.summary() || command.description(),
    subcommands: help
      .visibleCommands(command)
      .map((each) => completableOf(each, `${path} ${each.name()}`.trim())),
    options: [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].map(optionOf),
    argument: argument === undefined ? null : (argument.argChoices ?? valueOf(argument.name())),
  };
}

/** A command and all below it, one after the other. */
export function flatten(command: Completable): Completable[] {
  return [command, ...command.subcommands.flatMap(flatten)];
}

function optionOf({
  long,
  short,
  description,
  flags,
  argChoices,
  required,
  optional,
}: Option): CompletableOption {
  const takesValue = required || optional;
  return {
    flag: long ?? short ?? '',
    short: long === undefined ? null : (short ?? null),
    description,
    value: takesValue ? (argChoices ?? valueOf(/<([^>]+)>/.exec(flags)?.[1])) : null,
  };
}

function valueOf(placeholder: string | undefined): Value {
  if (placeholder === 'true|false') return ['true', 'false'];
  return placeholder === 'file' ? 'file' : 'text';
}
