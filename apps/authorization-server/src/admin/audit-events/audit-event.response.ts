import type { RecordedEvent } from '../../audit/audit-event-repository.js';
import { time } from '../common/times.js';

/** Something that happened. Times are RFC 3339. */
export interface AuditEventResponse {
  id: string;
  occurred_at: string;
  kind: string;
  outcome: string;
  actor: string | null;
  client_id: string | null;
  subject: string | null;
  /** The authorization concerned. */
  sid: string | null;
  address: string | null;
  request_id: string | null;
  detail: Readonly<Record<string, unknown>> | null;
  /** How many like it happened in the same minute: failures of one kind share a row. */
  count: number;
}

export function toAuditEventResponse(event: RecordedEvent): AuditEventResponse {
  const { id, occurredAt, kind, outcome, actor, clientId, subject, sid, address, requestId } = event;
  return {
    id,
    occurred_at: time(occurredAt),
    kind,
    outcome,
    actor,
    client_id: clientId,
    subject,
    sid,
    address,
    request_id: requestId,
    detail: event.detail,
    count: event.count,
  };
}
