import { type Examined, MAX_EXAMINED } from '@latchkey/platform/http';
import { Injectable } from '@nestjs/common';
import { Database, earliestId, idFromBytes, idToBytes } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { AuditEvent, AuditKind } from './audit-event.js';
import { RecordedEvent } from './audit-event.entity.js';

/** The conditions for an event; absent members are not compared. */
interface AuditEventFilter {
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly clientId?: string | undefined;
  readonly kind?: AuditKind | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number | undefined;
}

/**
 * The list is ordered by ids, which use the clock of a server, and times are by the clock of the database. This is the
 * maximum difference of the two, in milliseconds; with a larger one tokens would not work either.
 */
const CLOCK_MARGIN_MS = 3_600_000;

/** The indexed columns. In each index the ids are in order. */
const INDEXED = ['subject', 'actor', 'client_id', 'kind'] as const;

type Indexed = (typeof INDEXED)[number];

/** The index for reading a page, and how far to read. */
interface Reach {
  /** `null`: the index of the ids. */
  readonly column: Indexed | null;
  /** The id of the last row to examine; `null` at the end of the list. */
  readonly end: Buffer | null;
}

@Injectable()
export class AuditEventRepository {
  constructor(private readonly database: Database) {}

  /** Newest first, with ids lower than `before`. No index covers all filters: few rows are examined at a time. */
  async list(
    filter: AuditEventFilter,
    limit: number,
    before: string | null,
  ): Promise<Examined<RecordedEvent>> {
    const { column, end } = await this.#furthest(filter, before);
    const conditions = [idRange(filter, before, end), ...equalities(filter, column), ...times(filter)];
    const rows = await this.database.examine(sql`
      SELECT * FROM audit_events WHERE ${join(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit}`);
    return {
      found: rows.map((row) => this.database.fromRow(RecordedEvent, row)),
      lastExamined: end === null ? null : idFromBytes(end),
    };
  }

  /** Deletes some of the events before `time` (milliseconds since the epoch). @returns the number of deleted rows */
  async deleteBefore(time: number, limit: number): Promise<number> {
    const old = sql`SELECT id FROM audit_events WHERE id < ${earliestId(time)} ORDER BY id LIMIT ${limit}`;
    const deleted = await this.database.execute(
      sql`DELETE FROM audit_events WHERE id IN (${old}) RETURNING 1 AS deleted`,
      'background',
    );
    return deleted.length;
  }

  /** The index that reaches furthest back within the limit of examined rows, of those that serve a filter. */
  async #furthest(filter: AuditEventFilter, before: string | null): Promise<Reach> {
    const values = valuesOf(filter);
    const range = idRange(filter, before, null);
    const columns = INDEXED.filter((column) => values[column] !== undefined);
    let furthest: { column: Indexed | null; end: Buffer } | null = null;
    for (const column of columns.length === 0 ? [null] : columns) {
      const filtered = column === null ? [] : [sql`${raw(column)} = ${values[column]}`];
      const end = await this.#endOfExamination([range, ...filtered]);
      if (end === null) return { column, end };
      if (furthest === null || end.compare(furthest.end) < 0) furthest = { column, end };
    }
    return furthest ?? { column: null, end: null };
  }

  /** The id of the last row that one page examines; `null` when fewer rows are left. */
  async #endOfExamination(conditions: readonly Sql[]): Promise<Buffer | null> {
    const [row] = await this.database.examine<{ id: Buffer }>(sql`SELECT id FROM audit_events
      WHERE ${join([...conditions], ' AND ')} ORDER BY id DESC LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    return row?.id ?? null;
  }
}

/**
 * Limits the ids by the times, so that the search begins and ends there. There is one bound at each end, because of two
 * bounds at the same end SQLite uses only one in the index, perhaps the wider one.
 *
 * @param end the last id; within the times
 */
function idRange({ since, until }: AuditEventFilter, before: string | null, end: Buffer | null): Sql {
  const earliest = since === undefined ? null : earliestId(since - CLOCK_MARGIN_MS);
  const latest = until === undefined ? null : earliestId(until + CLOCK_MARGIN_MS);
  const cursor = before === null ? null : idToBytes(before);
  const lower = end ?? earliest;
  const upper =
    cursor !== null && latest !== null && cursor.compare(latest) > 0 ? latest : (cursor ?? latest);
  const bounds = [
    ...(lower === null ? [] : [sql`id >= ${lower}`]),
    ...(upper === null ? [] : [sql`id < ${upper}`]),
  ];
  return bounds.length === 0 ? sql`TRUE` : join(bounds, ' AND ');
}

function times({ since, until }: AuditEventFilter): Sql[] {
  return [
    ...(since === undefined ? [] : [sql`occurred_at >= ${since}`]),
    ...(until === undefined ? [] : [sql`occurred_at < ${until}`]),
  ];
}

/** @param through the only column whose index may be used: the others become expressions, which have no index */
function equalities(filter: AuditEventFilter, through: Indexed | null): Sql[] {
  return Object.entries(valuesOf(filter)).flatMap(([column, value]) => {
    if (value === undefined) return [];
    return column === through ? [sql`${raw(column)} = ${value}`] : [sql`${raw(column)} || '' = ${value}`];
  });
}

function valuesOf({ actor, subject, clientId, kind, outcome }: AuditEventFilter) {
  return { actor, subject, client_id: clientId, kind, outcome };
}
