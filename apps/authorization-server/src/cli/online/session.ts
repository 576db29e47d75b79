import type { AdministrativeArea } from '../../scopes/reserved-scope.js';
import type { Cli, ListOptions, OnlineOptions } from '../cli.js';
import { SearchProgress } from '../output/progress.js';
import { columnsOf, showOne, type ColumnSpec } from '../output/show.js';
import { showTable } from '../output/table.js';
import { agree, type AgreeOptions } from '../prompt.js';
import { AdminClient, type AdminAnswer, type AdminRequest } from './admin-client.js';
import { fetchRows } from './list.js';
import { Names } from './names.js';

/** The environment of a command on a running server. */
export class Session {
  readonly names: Names;

  constructor(
    readonly cli: Cli,
    readonly client: AdminClient,
    private readonly options: OnlineOptions & ListOptions & AgreeOptions,
  ) {
    this.names = new Names(cli, client);
  }

  /** @throws CliError when no server or client is configured */
  static connect(cli: Cli, options: OnlineOptions): Session {
    return new Session(cli, AdminClient.connect(cli, options), options);
  }

  /** @throws CliError when the server refuses or does not answer */
  request<T>(area: AdministrativeArea, request: AdminRequest): Promise<AdminAnswer<T>> {
    return this.client.request<T>(area, request);
  }

  /** Changes a resource after reading it. The server refuses if it was changed in between. */
  async change(area: AdministrativeArea, path: string, body: object): Promise<object> {
    const { etag } = await this.request(area, { path });
    const request = { method: 'PATCH', path, body, ...(etag !== null && { ifMatch: etag }) } as const;
    return (await this.request<object>(area, request)).body;
  }

  /** Shows a list from its beginning: as a table with a note when there are more rows, or as one JSON document. */
  async list(area: AdministrativeArea, request: AdminRequest, columns: readonly ColumnSpec[]): Promise<void> {
    const { terminal } = this.cli;
    const progress = new SearchProgress(terminal);
    const { rows, more } = await fetchRows<Readonly<Record<string, unknown>>>(
      this.client,
      area,
      request,
      this.options,
      (pages, found) => progress.report(pages, found),
    ).finally(() => progress.end());
    if (this.options.json === true) return terminal.printJson(rows);
    if (rows.length === 0) return terminal.note('Nothing found.');
    await showTable(this.cli, columnsOf(columns), rows, this.options);
    if (more) terminal.note(`There are more: add --all, or a larger --limit.`);
  }

  /** Shows all members of one resource. */
  show(thing: object): Promise<void> {
    return showOne(this.cli, thing, this.options.json);
  }

  /** Asks for confirmation of an irreversible action. @throws CliError when it is not confirmed */
  agree(question: string): Promise<void> {
    return agree(this.cli, question, this.options);
  }

  note(text: string): void {
    this.cli.terminal.note(text);
  }
}
