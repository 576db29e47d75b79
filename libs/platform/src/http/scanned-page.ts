import { toPage, type Page } from './page-request.js';

/** Rows that one page examines at most, where no index serves a filter: so a page costs the same whatever it finds. */
export const MAX_EXAMINED = 2000;

/** What was found among the next {@link MAX_EXAMINED} rows of a list. */
export interface Examined<T> {
  /** One more than a page takes, where there are more. */
  readonly found: readonly T[];
  /** The position of the last row that a full examination saw; `null` when it saw the end of the list. */
  readonly lastExamined: string | null;
}

/** Makes a page, which may be shorter than asked for, even empty, and go on all the same. */
export function toScannedPage<T>(
  { found, lastExamined }: Examined<T>,
  limit: number,
  positionOf: (item: T) => string,
): Page<T> {
  const page = toPage(found, limit, positionOf);
  return page.next === null ? { items: page.items, next: lastExamined } : page;
}
