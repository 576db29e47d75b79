import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';
import { decodeCursor, decodeNameCursor, encodeCursor, encodeNameCursor } from './cursor.js';

const MAX_LIMIT = 200;
const LIMIT = { message: `must be a whole number from 1 to ${MAX_LIMIT}` };

/** The length of a page: `?limit=`. */
class LimitedRequest {
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN,
  )
  @IsInt(LIMIT)
  @Min(1, LIMIT)
  @Max(MAX_LIMIT, LIMIT)
  limit = 50;
}

/** Query of a list: `?limit=&cursor=`. */
export class PageRequest extends LimitedRequest {
  /** The id to continue after. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' && decodeCursor(value)) || false)
  @IsOptional()
  @IsUUID('all', { message: 'must be a next_cursor of this list' })
  cursor?: string;
}

/** Query of a list that is ordered by name. */
export class NamePageRequest extends LimitedRequest {
  /** The name to continue after. */
  @Transform(
    ({ value }: { value: unknown }) => (typeof value === 'string' && decodeNameCursor(value)) || false,
  )
  @IsOptional()
  @IsString({ message: 'must be a next_cursor of this list' })
  cursor?: string;
}

/** A part of a list, and where the list continues. */
export interface Page<T> {
  items: T[];
  /** The id to continue after; `null` on the last page. */
  next: string | null;
}

export interface PageResponse<T> {
  data: T[];
  /** Sent back as `cursor`; `null` on the last page. */
  next_cursor: string | null;
}

/**
 * Makes a page of the items that were found.
 *
 * @param found up to `limit + 1` items: the extra one shows that there is a next page
 */
export function toPage<T extends { id: string }>(found: readonly T[], limit: number): Page<T>;
/** @param positionOf the value by which the list is ordered */
export function toPage<T>(found: readonly T[], limit: number, positionOf: (item: T) => string): Page<T>;
export function toPage<T>(
  found: readonly T[],
  limit: number,
  positionOf = (item: T): string => (item as { id: string }).id,
): Page<T> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? null : positionOf(last) };
}

/** The same for a list that is ordered by name. */
export function toNamePageResponse<T, R>(
  { items, next }: Page<T>,
  toResponse: (item: T) => R,
): PageResponse<R> {
  return { data: items.map(toResponse), next_cursor: next === null ? null : encodeNameCursor(next) };
}

export function toPageResponse<T, R>({ items, next }: Page<T>, toResponse: (item: T) => R): PageResponse<R> {
  return { data: items.map(toResponse), next_cursor: next === null ? null : encodeCursor(next) };
}
