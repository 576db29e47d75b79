import { Get } from '@nestjs/common';
import { toPageResponse, toScannedPage, type PageResponse } from '@latchkey/platform/http';
import { AuditEventRepository } from '../../audit/audit-event-repository.js';
import { Administers } from '../common/administers.decorator.js';
import { Query } from '../common/strict-input.js';
import { AuditEventListRequest } from './audit-event.requests.js';
import { toAuditEventResponse, type AuditEventResponse } from './audit-event.response.js';

/** Reads what happened. Nothing can be changed or taken back. */
@Administers('audit', 'audit-events')
export class AdminAuditEventsController {
  constructor(private readonly events: AuditEventRepository) {}

  @Get()
  async list(
    @Query(AuditEventListRequest) request: AuditEventListRequest,
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
