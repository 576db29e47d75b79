import { Argument, type Command, type Option } from 'commander';
import type { CommandModule } from './cli-command.js';
import type { Cli } from './cli.js';

/** The possible next words: a list of words, the path of a file, or any text. */
type Value = readonly string[] | 'file' | 'text';

interface CompletableOption {
  /** The long form, or the short one if there is no long form. */
  readonly flag: string;
  /** `null` if there is no short form, or only a short form. */
  readonly short: string | null;
  readonly description: string;
  /** `null`: without a value. */
  readonly value: Value | null;
}

/** What can be typed after a command. */
interface Completable {
  /** The words after `latchkey`; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  readonly subcommands: readonly Completable[];
  readonly options: readonly CompletableOption[];
  /** The values of its first argument; `null` without arguments. */
  readonly argument: Value | null;
}

/** Reads a command and all below it, as its help shows them. */
function completableOf(command: Command, path = ''): Completable {
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

/** A command and all of its subcommands as a flat list. */
function flatten(command: Completable): Completable[] {
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

const SHELLS = ['bash', 'zsh', 'fish'] as const;

type Shell = (typeof SHELLS)[number];

/** A script for a shell that completes all commands, options and their values. */
function completionScript(program: Completable, shell: Shell): string {
  const commands = flatten(program);
  return { bash, zsh, fish }[shell](commands);
}

const wordsOf = ({ subcommands, options, argument }: Completable): string[] => [
  ...subcommands.map(({ path }) => lastWord(path)),
  ...(Array.isArray(argument) ? (argument as readonly string[]) : []),
  ...options.map(({ flag }) => flag),
];

function bash(commands: readonly Completable[]): string {
  return `# For ~/.bashrc: source <(latchkey completion bash)
_latchkey() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${command:+$command }$word" in
      ${alternatives(commands)}) command=\${command:+$command }$word ;;
    esac
  done
  case "$command $previous" in
${values(commands, (words) => `words=${quote(words.join(' '))}`, 'return')}
    *)
      case "$command" in
${commands.map((each) => `        ${quote(each.path)}) words=${quote(wordsOf(each).join(' '))} ;;`).join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _latchkey latchkey
`;
}

function zsh(commands: readonly Completable[]): string {
  const described = (entries: readonly (readonly [string, string])[]): string =>
    entries.map(([word, meaning]) => quote(`${word.replaceAll(':', '\\:')}:${meaning}`)).join(' ');
  const entriesOf = ({ subcommands, options, argument }: Completable): string =>
    described([
      ...subcommands.map(({ path, description }) => [lastWord(path), description] as const),
      ...(Array.isArray(argument) ? (argument as readonly string[]).map((word) => [word, ''] as const) : []),
      ...options.map(({ flag, description }) => [flag, description] as const),
    ]);
  return `#compdef latchkey
# For ~/.zshrc, after compinit: source <(latchkey completion zsh)
_latchkey() {
  local previous=$words[CURRENT-1] command='' word
  local -a entries
  for word in \${words[2,CURRENT-1]}; do
    case "\${command:+$command }$word" in
      (${alternatives(commands)}) command="\${command:+$command }$word" ;;
    esac
  done
  case "$command $previous" in
${values(commands, (words) => `compadd -- ${words.map(quote).join(' ')}; return`, '_files; return')}
  esac
  case "$command" in
${commands.map((each) => `    ${quote(each.path)}) entries=(${entriesOf(each)}) ;;`).join('\n')}
  esac
  _describe latchkey entries
  case "$command" in
    ${commands
      .filter(({ argument }) => argument === 'file')
      .map(({ path }) => quote(path))
      .join('|')}) _files ;;
  esac
}
compdef _latchkey latchkey
`;
}

function fish(commands: readonly Completable[]): string {
  const line = (command: Completable, rest: string, description: string): string =>
    `complete -c latchkey -n ${quoteForFish(`__latchkey_is ${command.path}`)} ${rest} -d ${quoteForFish(description)}`;
  const lines = commands.flatMap((command) => [
    ...command.subcommands.map(({ path, description }) => line(command, `-a ${lastWord(path)}`, description)),
    ...(Array.isArray(command.argument)
      ? [line(command, `-a ${quoteForFish((command.argument as readonly string[]).join(' '))}`, '')]
      : []),
    ...(command.argument === 'file' ? [line(command, '-F', '')] : []),
    ...command.options.map((option) => line(command, optionForFish(option), option.description)),
  ]);
  return `# For ~/.config/fish/config.fish: latchkey completion fish | source
function __latchkey_is
  set -l command
  for word in (commandline -opc)[2..-1]
    switch "$command $word"
      case ${flattenPaths(commands)
        .map((path) => quoteForFish(path.includes(' ') ? path : ` ${path}`))
        .join(' ')}
        set command (string trim "$command $word")
    end
  end
  test "$command" = "$argv"
end
complete -c latchkey -f
${lines.join('\n')}
`;
}

function optionForFish({ flag, short, value }: CompletableOption): string {
  const long = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
  const name = short === null ? long : `-s ${short.slice(1)} ${long}`;
  if (value === null) return name;
  if (value === 'file') return `${name} -r -F`;
  return value === 'text' ? `${name} -x` : `${name} -x -a ${quoteForFish(value.join(' '))}`;
}

/** The branches of \`case "$command $previous"\`: what the value of an option may be. */
function values(
  commands: readonly Completable[],
  choose: (words: readonly string[]) => string,
  otherwise: string,
): string {
  const branches = new Map<string, string[]>();
  for (const { path, options } of commands) {
    for (const { flag, short, value } of options) {
      if (value === null) continue;
      const action = isChoice(value) ? choose(value) : otherwise;
      const patterns = [flag, short ?? []].flat().map((each) => quote(`${path} ${each}`));
      branches.set(action, [...(branches.get(action) ?? []), ...patterns]);
    }
  }
  return [...branches].map(([action, patterns]) => `    ${patterns.join('|')}) ${action} ;;`).join('\n');
}

const isChoice = (value: Value): value is readonly string[] => typeof value !== 'string';

const flattenPaths = (commands: readonly Completable[]): string[] =>
  commands.map(({ path }) => path).filter((path) => path !== '');

const alternatives = (commands: readonly Completable[]): string =>
  flattenPaths(commands).map(quote).join('|');

const lastWord = (path: string): string => path.split(' ').at(-1) ?? '';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const quoteForFish = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export const completionCommand: CommandModule = (program, cli) => {
  program
    .subcommand('completion', 'write a script that lets a shell complete commands, options and values')
    .helpGroup('For the shell:')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .example('completion bash > ~/.local/share/bash-completion/completions/latchkey', 'for every new bash')
    .runs(cli, () =>
      Promise.resolve(({ terminal }: Cli, shell: Shell) =>
        terminal.write(completionScript(completableOf(program), shell)),
      ),
    );
};
