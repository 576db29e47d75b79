import { toPage, type Page } from './page-request.js';

/** Rows that one page examines at most when no index serves a filter, so that every page costs the same. */
export const MAX_EXAMINED = 2000;

/** The matches among the next {@link MAX_EXAMINED} rows of a list. */
export interface Examined<T> {
  /** One more than a page takes, if there are more. */
  readonly found: readonly T[];
  /** The position of the last examined row; `null` when the end of the list was reached. */
  readonly lastExamined: string | null;
}

/** Makes a page, which may be shorter than requested or even empty although the list continues. */
export function toScannedPage<T>(
  { found, lastExamined }: Examined<T>,
  limit: number,
  positionOf: (item: T) => string,
): Page<T> {
  const page = toPage(found, limit, positionOf);
  return page.next === null ? { items: page.items, next: lastExamined } : page;
}
