import type { Cli } from '../cli.js';
import { showTable, type TableChoices } from '../output/show-table.js';
import { SearchProgress } from '../output/search-progress.js';
import type { Column } from '../output/table.js';
import type { AdminArea, AdminClient, AdminRequest } from './admin-client.js';

export interface ListOptions extends TableChoices {
  readonly limit?: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

interface PageBody<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** As many as one request may have. */
const MAX_PAGE = 200;
const DEFAULT_LIMIT = 50;

/**
 * Shows a list from its beginning: a table for people, which says when there is more, or one JSON document.
 */
export async function showList<T>(
  cli: Cli,
  client: AdminClient,
  area: AdminArea,
  request: AdminRequest,
  columns: readonly Column<T>[],
  options: ListOptions,
): Promise<void> {
  const { rows, more } = await search<T>(cli, client, area, request, options);
  const { terminal } = cli;
  if (options.json === true) return terminal.printJson(rows);
  if (rows.length === 0) return terminal.note('Nothing found.');
  await showTable(cli, columns, rows, options);
  if (more) terminal.note(`There are more: add --all, or a larger --limit.`);
}

/** The rows of a list; a filter that finds little in many rows takes many pages. */
async function search<T>(
  { terminal }: Cli,
  client: AdminClient,
  area: AdminArea,
  request: AdminRequest,
  options: ListOptions,
): Promise<{ rows: T[]; more: boolean }> {
  const progress = new SearchProgress(terminal);
  try {
    return await fetchRows<T>(client, area, request, options, (pages, found) =>
      progress.report(pages, found),
    );
  } finally {
    progress.end();
  }
}

/**
 * The rows of a list, from its beginning.
 *
 * @param onPage is told how many pages and rows there are so far, while there are more
 */
export async function fetchRows<T>(
  client: AdminClient,
  area: AdminArea,
  request: AdminRequest,
  { limit = DEFAULT_LIMIT, all = false }: Pick<ListOptions, 'limit' | 'all'>,
  onPage: (pages: number, found: number) => void = () => undefined,
): Promise<{ rows: T[]; more: boolean }> {
  const rows: T[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const wanted = all ? MAX_PAGE : Math.min(MAX_PAGE, limit - rows.length);
    const { body } = await client.request<PageBody<T>>(area, {
      ...request,
      query: { ...request.query, limit: String(wanted), cursor },
    });
    rows.push(...body.data);
    cursor = body.next_cursor ?? undefined;
    if (cursor !== undefined) onPage(++pages, rows.length);
  } while (cursor !== undefined && (all || rows.length < limit));
  // Some lists are short, and the server sends all of them.
  if (!all && rows.length > limit) return { rows: rows.slice(0, limit), more: true };
  return { rows, more: cursor !== undefined };
}
