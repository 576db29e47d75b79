import { Get } from '@nestjs/common';
import { PageRequest, toPageResponse, toScannedPage, type PageResponse } from '@latchkey/platform/http';
import {
  Describe,
  INTEGER,
  named,
  nullable,
  objectSchema,
  oneOf,
  pageOf,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { IsIn, Length } from 'class-validator';
import { AUDIT_KINDS, AUDIT_OUTCOMES, type AuditEvent, type AuditKind } from '../audit/audit-event.js';
import type { RecordedEvent } from '../audit/audit-event.entity.js';
import { AuditEventRepository } from '../audit/audit-event-repository.js';
import { IsTimestamp, IsVschar, Optional } from '../fields/validators.js';
import { Administers } from './administers.decorator.js';
import { StrictQuery } from './strict-input.js';
import { time } from './wire.js';

class AuditEventListRequest extends PageRequest {
  /** A `client_id`, a `sub`, or a part of the server. */
  @Optional()
  @IsVschar()
  @Length(1, 255)
  actor?: string;

  /** A `sub`, or the keyed hash of a name without a user. */
  @Optional()
  @IsVschar()
  @Length(1, 255)
  subject?: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;

  @Optional()
  @IsIn(AUDIT_KINDS)
  kind?: AuditKind;

  @Optional()
  @IsIn(AUDIT_OUTCOMES)
  outcome?: AuditEvent['outcome'];

  /** Inclusive lower bound of the time (RFC 3339). */
  @Optional()
  @IsTimestamp()
  since?: string;

  /** Exclusive upper bound of the time (RFC 3339). */
  @Optional()
  @IsTimestamp()
  until?: string;
}

/** Something that happened. */
const AUDIT_EVENT = named(
  'AuditEvent',
  objectSchema({
    id: TEXT,
    occurred_at: TIMESTAMP,
    kind: oneOf(...AUDIT_KINDS),
    outcome: oneOf(...AUDIT_OUTCOMES),
    actor: nullable(TEXT),
    client_id: nullable(TEXT),
    subject: nullable(TEXT),
    // The authorization concerned.
    sid: nullable(TEXT),
    address: nullable(TEXT),
    request_id: nullable(TEXT),
    detail: nullable<Readonly<Record<string, unknown>>>({ type: 'object' }),
    // Failures of one kind in the same minute share a row.
    count: INTEGER,
  }),
);

type AuditEventResponse = TypeOf<typeof AUDIT_EVENT>;

/** Reads audit events. They cannot be changed or deleted. */
@Administers('audit', 'audit-events')
export class AdminAuditEventsController {
  constructor(private readonly events: AuditEventRepository) {}

  @Get()
  @Describe('Lists what happened, newest first', { answer: pageOf(AUDIT_EVENT) })
  async listAuditEvents(
    @StrictQuery(AuditEventListRequest) request: AuditEventListRequest,
  ): Promise<PageResponse<AuditEventResponse>> {
    const { limit, cursor, client_id: clientId, since, until, ...same } = request;
    const filter = { ...same, clientId, since: toTime(since), until: toTime(until) };
    const examined = await this.events.list(filter, limit + 1, cursor ?? null);
    return toPageResponse(
      toScannedPage(examined, limit, ({ id }) => id),
      toAuditEventResponse,
    );
  }
}

function toTime(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function toAuditEventResponse(event: RecordedEvent): AuditEventResponse {
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
