import { Injectable } from '@nestjs/common';
import { Database, earliestId, idFromBytes, idToBytes, type Row } from '@latchkey/platform';
import sql, { join, type Sql } from 'sql-template-tag';
import type { AuditEvent, AuditKind } from './audit-event.js';
import { AuditEventRepository, type AuditEventFilter, type RecordedEvent } from './audit-event-repository.js';

/**
 * The list is ordered by ids, which a server makes with its own clock, and times are the database's. No two clocks are
 * further apart, in milliseconds, or tokens would not work either.
 */
const CLOCK_MARGIN_MS = 3_600_000;

interface AuditEventRow extends Row {
  id: Buffer;
  occurred_at: number;
  kind: AuditKind;
  outcome: AuditEvent['outcome'];
  actor: string | null;
  client_id: string | null;
  subject: string | null;
  sid: Buffer | null;
  address: string | null;
  request_id: string | null;
  detail: string | null;
  count: number;
}

@Injectable()
export class SqlAuditEventRepository extends AuditEventRepository {
  constructor(private readonly database: Database) {
    super();
  }

  override async list(
    filter: AuditEventFilter,
    limit: number,
    before: string | null,
  ): Promise<RecordedEvent[]> {
    const rows = await this.database.query<AuditEventRow>(sql`
      SELECT * FROM audit_events WHERE ${join(conditions(filter, before), ' AND ')}
      ORDER BY id DESC LIMIT ${limit}`);
    return rows.map(toEvent);
  }

  override async deleteBefore(time: number, limit: number): Promise<number> {
    const old = sql`SELECT id FROM audit_events WHERE id < ${earliestId(time)} ORDER BY id LIMIT ${limit}`;
    const deleted = await this.database.execute(
      sql`DELETE FROM audit_events WHERE id IN (${old}) RETURNING 1 AS deleted`,
    );
    return deleted.length;
  }
}

/** The times narrow the ids too, so that the search begins and ends where they are. */
function conditions(filter: AuditEventFilter, before: string | null): Sql[] {
  const { actor, subject, clientId, kind, outcome, since, until } = filter;
  return [
    sql`TRUE`,
    ...(before === null ? [] : [sql`id < ${idToBytes(before)}`]),
    ...(actor === undefined ? [] : [sql`actor = ${actor}`]),
    ...(subject === undefined ? [] : [sql`subject = ${subject}`]),
    ...(clientId === undefined ? [] : [sql`client_id = ${clientId}`]),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(outcome === undefined ? [] : [sql`outcome = ${outcome}`]),
    ...(since === undefined
      ? []
      : [sql`id >= ${earliestId(since - CLOCK_MARGIN_MS)} AND occurred_at >= ${since}`]),
    ...(until === undefined
      ? []
      : [sql`id < ${earliestId(until + CLOCK_MARGIN_MS)} AND occurred_at < ${until}`]),
  ];
}

function toEvent(row: AuditEventRow): RecordedEvent {
  return {
    id: idFromBytes(row.id),
    occurredAt: row.occurred_at,
    kind: row.kind,
    outcome: row.outcome,
    actor: row.actor,
    clientId: row.client_id,
    subject: row.subject,
    sid: row.sid === null ? null : idFromBytes(row.sid),
    address: row.address,
    requestId: row.request_id,
    detail: row.detail === null ? null : (JSON.parse(row.detail) as Record<string, unknown>),
    count: row.count,
  };
}
