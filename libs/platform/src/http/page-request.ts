import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { decodeCursor, encodeCursor } from './cursor.js';

const MAX_LIMIT = 200;
const LIMIT = { message: `must be a whole number from 1 to ${MAX_LIMIT}` };

/** Query of a list: `?limit=&cursor=`. */
export class PageRequest {
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN,
  )
  @IsInt(LIMIT)
  @Min(1, LIMIT)
  @Max(MAX_LIMIT, LIMIT)
  limit = 50;

  /** The id to continue after. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' && decodeCursor(value)) || false)
  @IsOptional()
  @IsUUID('all', { message: 'must be a next_cursor of this list' })
  cursor?: string;
}

/** Part of a list, and where it goes on. */
export interface Page<T> {
  items: T[];
  /** The id to continue after; `null` on the last page. */
  next: string | null;
}

/** A list on the wire. */
export interface PageResponse<T> {
  data: T[];
  /** To be sent back as `cursor`; `null` on the last page. */
  next_cursor: string | null;
}

/**
 * Makes a page of what was found.
 *
 * @param found one more than `limit`, where there are more: that tells whether there is a next page
 */
export function toPage<T extends { id: string }>(found: readonly T[], limit: number): Page<T> {
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export function toPageResponse<T, R>({ items, next }: Page<T>, toResponse: (item: T) => R): PageResponse<R> {
  return { data: items.map(toResponse), next_cursor: next === null ? null : encodeCursor(next) };
}
