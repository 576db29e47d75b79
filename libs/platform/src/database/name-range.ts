import sql, { empty, type Sql } from 'sql-template-tag';

/** The last character in byte order. */
const LAST = '\u{10ffff}';

export interface NameRange {
  /** Excludes this name and all names before it. */
  readonly after: string | null;
  /** Prefix of the names. */
  readonly prefix?: string | undefined;
  /** The last name. */
  readonly last?: string | null;
}

/**
 * The condition for a range of names in an index in byte order. It has one bound at each end, because of two bounds at
 * the same end SQLite uses only one in the index, perhaps the wider one.
 */
export function nameRange(column: Sql, { after, prefix = '', last = null }: NameRange): Sql {
  const begins = after !== null && Buffer.compare(Buffer.from(after), Buffer.from(prefix)) >= 0;
  const lower = begins ? sql`${column} > ${after}` : sql`${column} >= ${prefix}`;
  const end = prefix === '' ? empty : sql`AND ${column} < ${prefix + LAST}`;
  const upper = last === null ? end : sql`AND ${column} <= ${last}`;
  return sql`${lower} ${upper}`;
}
