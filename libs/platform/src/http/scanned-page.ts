import { toPage, type Page } from './page-request.js';

/** Rows that one page examines at most, where no index serves a filter: so a page costs the same whatever it finds. */
export const MAX_EXAMINED = 2000;

/**
 * Makes a page of what was found among the next {@link MAX_EXAMINED} rows of a list. It may be shorter than asked for,
 * even empty, and go on all the same.
 *
 * @param found one more than `limit`, where there are more
 * @param lastExamined the position of the last row that a full examination saw; `null` when it saw the end of the list
 */
export function toScannedPage<T>(
  found: readonly T[],
  limit: number,
  positionOf: (item: T) => string,
  lastExamined: string | null,
): Page<T> {
  const page = toPage(found, limit, positionOf);
  return page.next === null ? { items: page.items, next: lastExamined } : page;
}
