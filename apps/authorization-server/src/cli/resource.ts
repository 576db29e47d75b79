import { Option } from 'commander';
import type { AdministrativeArea } from '../scopes/reserved-scope.js';
import type { Cli } from './cli.js';
import type { CliCommand } from './cli-command.js';
import { addFieldOptions, givenFields, requireField, type Field } from './fields.js';
import type { Named } from './online/names.js';
import type { Session } from './online/session.js';
import { listOptions, onlineOptions } from './options.js';
import type { ColumnSpec } from './output/show.js';

type Options = Readonly<Record<string, unknown>>;

/** An option that filters a list. */
interface Filter {
  /** In the syntax of commander. */
  readonly flags: string;
  readonly help: string;
  /** The query parameter; by default the name of the option. */
  readonly parameter?: string;
  /** The value to send for an option without a value. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly parse?: (text: string) => string;
  /** The kind of name that may be given in place of the id. */
  readonly names?: 'client' | 'user' | 'actor';
}

/** A resource of the administration API, with everything that its commands need. */
export interface Resource {
  readonly area: AdministrativeArea;
  /** Below `/admin`. */
  readonly path: string;
  /** The columns of its list. */
  readonly columns: readonly ColumnSpec[];
  readonly filters?: readonly Filter[];
  /** The kind of name by which people identify one, in place of its id. */
  readonly names?: 'client' | 'user';
  /** The member for the first argument of `create`. */
  readonly key?: string;
  /** The fields of a new one. */
  readonly fields?: readonly Field[];
  /** The fields that can be changed; by default `fields`. */
  readonly changes?: readonly Field[];
}

interface Creation {
  /** Members of the request beside the key and the fields. */
  readonly more?: (session: Session, options: Options) => Promise<object>;
  readonly after?: (session: Session, created: object) => void;
}

/** The work of a command on the resource that its first argument names. */
type Work = (session: Session, one: Found, options: Options) => Promise<void>;

/** A resource that was found by name, with its path below `/admin`. */
type Found = Named & { readonly path: string };

/** The commands of a resource, in a group. Each method returns the command, for further options and examples. */
export class ResourceCommands {
  constructor(
    private readonly group: CliCommand,
    private readonly cli: Cli,
    private readonly resource: Resource,
  ) {}

  list(help: string): CliCommand {
    return listCommand(this.group.subcommand('list', help), this.cli, this.resource);
  }

  /** @param nameAndArgument such as `show <client>` */
  show(nameAndArgument: string, help: string): CliCommand {
    return this.on(nameAndArgument, help, async (session, { path }) => {
      await session.show((await session.request<object>(this.resource.area, { path })).body);
    });
  }

  create(nameAndArgument: string, help: string, { more, after }: Creation = {}): CliCommand {
    const { area, path, key = 'name', fields = [] } = this.resource;
    const command = onlineOptions(addFieldOptions(this.group.subcommand(nameAndArgument, help), fields));
    return command.runsOnline(this.cli, async (session, name: string, options: Options) => {
      const body = { [key]: name, ...givenFields(options, fields), ...(await more?.(session, options)) };
      const created = (await session.request<object>(area, { method: 'POST', path, body })).body;
      await session.show(created);
      after?.(session, created);
    });
  }

  update(nameAndArgument: string, help: string): CliCommand {
    const { area, fields = [], changes = fields } = this.resource;
    const change: Work = async (session, { path }, options) =>
      session.show(await session.change(area, path, givenFields(options, changes)));
    return requireField(this.on(nameAndArgument, help, change, changes), changes);
  }

  /** An action on a resource: `POST` to a path below it, with the name of the command. */
  action(
    nameAndArgument: string,
    help: string,
    note: string,
    bodyOf?: (options: Options) => object,
  ): CliCommand {
    const [name = ''] = nameAndArgument.split(' ');
    return this.on(nameAndArgument, help, async (session, { path }, options) => {
      const body = bodyOf?.(options);
      await session.request(this.resource.area, { method: 'POST', path: `${path}/${name}`, body });
      session.note(note);
    });
  }

  /** @param question asked before, with the name; without it there is no question */
  delete(nameAndArgument: string, help: string, question?: (name: string) => string): CliCommand {
    const command = this.on(nameAndArgument, help, async (session, { path, name }) => {
      if (question !== undefined) await session.agree(question(name));
      await session.request(this.resource.area, { method: 'DELETE', path });
      session.note('Deleted.');
    });
    return question === undefined ? command : command.option('--yes', 'without asking');
  }

  /** A command on the resource that its first argument names. */
  on(nameAndArguments: string, help: string, work: Work, fields: readonly Field[] = []): CliCommand {
    const command = onlineOptions(addFieldOptions(this.group.subcommand(nameAndArguments, help), fields));
    return command.runsOnline(this.cli, async (session, text: string, options: Options) => {
      const one = await find(session, this.resource, text);
      await work(session, one, options);
    });
  }
}

/** Finds the resource that a name or id identifies. */
export async function find({ names }: Session, resource: Resource, text: string): Promise<Found> {
  const named =
    resource.names === undefined ? { id: text, name: text } : await names.existing(resource.names, text);
  return { ...named, path: `${resource.path}/${encodeURIComponent(named.id)}` };
}

/** A command that lists a resource. */
export function listCommand(
  command: CliCommand,
  cli: Cli,
  { area, path, columns, filters = [] }: Resource,
): CliCommand {
  return filters
    .reduce(addFilter, listOptions(command))
    .runsOnline(cli, async (session, options: Options) => {
      await session.list(area, { path, query: await queryOf(session, filters, options) }, columns);
    });
}

function addFilter(command: CliCommand, { flags, help, choices, parse }: Filter): CliCommand {
  const option = new Option(flags, help);
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) option.argParser(parse);
  return command.addOption(option);
}

async function queryOf(
  { names }: Session,
  filters: readonly Filter[],
  options: Options,
): Promise<Record<string, string | undefined>> {
  const query: Record<string, string | undefined> = {};
  for (const { flags, parameter, value, names: kind } of filters) {
    const option = new Option(flags);
    const given = options[option.attributeName()] as string | true | undefined;
    if (given === undefined) continue;
    const text = typeof given === 'string' ? given : (value ?? 'true');
    query[parameter ?? option.name().replaceAll('-', '_')] =
      kind === undefined ? text : await names.idOf(kind, text);
  }
  return query;
}
