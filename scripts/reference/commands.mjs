import { readdirSync, readFileSync } from 'node:fs';
import { createProgram } from '../../apps/authorization-server/dist/cli/program.js';
import { EXIT_STATUS_MEANINGS } from '../../apps/authorization-server/dist/cli/cli-error.js';
import { code, page, table } from './markdown.mjs';

/** What the commands on a running server read of the environment. */
const VARIABLES = {
  LATCHKEY_URL: 'the server; `http://127.0.0.1:3000` unless it is set',
  LATCHKEY_CLIENT_ID: 'the client to act as',
  LATCHKEY_CLIENT_SECRET: 'its secret',
  LATCHKEY_CLIENT_SECRET_FILE: 'instead of it, a file that holds it',
  LATCHKEY_PROFILE: 'the stored profile to use; `--profile` goes before it',
  LATCHKEY_ALLOW_HTTP:
    '`true`: talk to a server elsewhere without encryption, on a network that nobody else can read',
};

/** docs/reference/commands.md, from the command line itself. */
export function commandsPage() {
  assertVariablesComplete();
  const program = createProgram({ terminal: {}, environment: {} });
  const groups = new Map();
  for (const command of program.commands) {
    groups.set(command.helpGroup(), [...(groups.get(command.helpGroup()) ?? []), command]);
  }
  const sections = [...groups].flatMap(([heading, commands]) => [
    `## ${heading.replace(/:$/, '')}`,
    ...commands.flatMap((command) => leaves(command)),
  ]);
  return page(
    'Commands',
    `${program.description()} In a checkout it is \`npm run -s latchkey --\`, or \`node_modules/.bin/latchkey\`. Results go to the standard output, everything else to the standard error. Every command takes \`--no-color\`. [The command line](../command-line.md) says how to give secrets, names and times.`,
    sections,
    '## Environment',
    'Commands on the database take the [settings of the server](settings.md). Commands on a running server take',
    table(
      ['variable', 'meaning'],
      Object.entries(VARIABLES).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## Exit status',
    table(['status', 'meaning'], EXIT_STATUS_MEANINGS),
  );
}

/** What can be run, below a command or the command itself. */
function leaves(command) {
  return command.commands.length > 0 ? command.commands.flatMap(leaves) : [describe(command)];
}

function describe(command) {
  const words = [pathOf(command), ...command.registeredArguments.map(argument)].join(' ');
  const options = command.options.map((option) => [code(option.flags), meaningOf(option)]);
  const examples = command.examples.map(({ line, meaning }) => `# ${meaning}\n${line}`);
  return [
    `### ${pathOf(command).replace(/^latchkey /, '')}`,
    `${code(words)}: ${command.description()}.`,
    ...command.registeredArguments.filter(({ argChoices }) => argChoices).map(choicesOf),
    ...(options.length > 0 ? [table(['option', 'meaning'], options)] : []),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

const pathOf = (command) => (command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name());
const argument = ({ required, _name }) => (required ? `<${_name}>` : `[${_name}]`);
const choicesOf = ({ _name, argChoices }) => `${code(_name)} is one of ${argChoices.map(code).join(', ')}.`;

function meaningOf({ description, argChoices, defaultValue, mandatory }) {
  const choices = argChoices && !description.includes(argChoices[0]) ? ` (${argChoices.join(', ')})` : '';
  const fallback = defaultValue === undefined ? '' : `; default: ${code(defaultValue)}`;
  return `${description}${choices}${fallback}${mandatory ? '; required' : ''}`;
}

/** @throws where the code reads another set of variables than is described here */
function assertVariablesComplete() {
  const folder = new URL('../../apps/authorization-server/src/cli/online/', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.spec.'));
  const text = sources.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  const used = new Set([...text.matchAll(/environment\.(LATCHKEY_\w+)/g)].map(([, name]) => name));
  const described = new Set(Object.keys(VARIABLES));
  const wrong = [...used, ...described].filter((name) => used.has(name) !== described.has(name));
  if (wrong.length > 0) throw new Error(`scripts/reference/commands.mjs: look after ${wrong.join(', ')}`);
}
