import type { ListOptions } from '../cli.js';
import type { AdministrativeArea } from '../../scopes/reserved-scope.js';
import type { AdminClient, AdminRequest } from './admin-client.js';

interface PageBody<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** The maximum of one request. */
const MAX_PAGE = 200;
const DEFAULT_LIMIT = 50;

/**
 * The rows of a list, from its beginning. A filter with few matches in many rows takes many pages.
 *
 * @param onPage called with the number of pages and rows so far, while there are more
 */
export async function fetchRows<T>(
  client: AdminClient,
  area: AdministrativeArea,
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
  // Short lists are not paged: the server returns all rows.
  if (!all && rows.length > limit) return { rows: rows.slice(0, limit), more: true };
  return { rows, more: cursor !== undefined };
}

/** Page by page, so that a long list does not have to fit into memory. */
export async function* eachRow<T>(client: AdminClient, list: AdministrativeArea): AsyncIterable<T> {
  let cursor: string | undefined;
  do {
    const query = { limit: String(MAX_PAGE), cursor };
    const { body } = await client.request<PageBody<T>>(list, { path: list, query });
    yield* body.data;
    cursor = body.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
