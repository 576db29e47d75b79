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

/** An option of a list that leaves rows out. */
export interface Filter {
  /** As commander writes it. */
  readonly flags: string;
  readonly help: string;
  /** The parameter of the query; the name of the option unless it says otherwise. */
  readonly parameter?: string;
  /** Sent when the option is given, which then takes no value. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly parse?: (text: string) => string;
  /** Whose name may be given in place of the id. */
  readonly names?: 'client' | 'user' | 'actor';
}

/** A resource of the administration API, with all that its commands have to know. */
export interface Resource {
  readonly area: AdministrativeArea;
  /** Below `/admin`. */
  readonly path: string;
  /** Of its list. */
  readonly columns: readonly ColumnSpec[];
  readonly filters?: readonly Filter[];
  /** What people call one, in place of its id. */
  readonly names?: 'client' | 'user';
  /** The member that holds the first argument of `create`. */
  readonly key?: string;
  /** What can be given when one is created. */
  readonly fields?: readonly Field[];
  /** What can be changed; `fields` unless it says otherwise. */
  readonly changes?: readonly Field[];
}

interface Creation {
  /** What the request has beside the key and the fields. */
  readonly more?: (session: Session, options: Options) => Promise<object>;
  readonly after?: (session: Session, created: object) => void;
}

/** What a command does with the one that its first argument names. */
type Work = (session: Session, one: Found, options: Options) => Promise<void>;

/** What a person names, with its path below `/admin`. */
type Found = Named & { readonly path: string };

/** The commands of a resource below a group. Each returns the command, for options and examples of its own. */
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

  /** Something that is done to one: `POST` below it, at the name of the command. */
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

  /** @param question that is asked before, with the name; without one nothing is asked */
  delete(nameAndArgument: string, help: string, question?: (name: string) => string): CliCommand {
    const command = this.on(nameAndArgument, help, async (session, { path, name }) => {
      if (question !== undefined) await session.agree(question(name));
      await session.request(this.resource.area, { method: 'DELETE', path });
      session.note('Deleted.');
    });
    return question === undefined ? command : command.option('--yes', 'without asking');
  }

  /** A command on one that its first argument names. */
  on(nameAndArguments: string, help: string, work: Work, fields: readonly Field[] = []): CliCommand {
    const command = onlineOptions(addFieldOptions(this.group.subcommand(nameAndArguments, help), fields));
    return command.runsOnline(this.cli, async (session, text: string, options: Options) => {
      const one = await find(session, this.resource, text);
      await work(session, one, options);
    });
  }
}

/** Finds what a person names. */
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
