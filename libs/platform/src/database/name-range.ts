import sql, { empty, type Sql } from 'sql-template-tag';

/** No character comes after this one in the order of bytes. */
const LAST = '\u{10ffff}';

export interface NameRange {
  /** Leaves out this name and all before it. */
  readonly after: string | null;
  /** How the names begin. */
  readonly prefix?: string | undefined;
  /** The last name. */
  readonly last?: string | null;
}

/**
 * The condition for names in a part of an index that is in the order of bytes. It has one bound at each end: of two,
 * SQLite looks only one up in the index, and perhaps the wider one.
 */
export function nameRange(column: Sql, { after, prefix = '', last = null }: NameRange): Sql {
  const begins = after !== null && Buffer.compare(Buffer.from(after), Buffer.from(prefix)) >= 0;
  const lower = begins ? sql`${column} > ${after}` : sql`${column} >= ${prefix}`;
  const end = prefix === '' ? empty : sql`AND ${column} < ${prefix + LAST}`;
  const upper = last === null ? end : sql`AND ${column} <= ${last}`;
  return sql`${lower} ${upper}`;
}
