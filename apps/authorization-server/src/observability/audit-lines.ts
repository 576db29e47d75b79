import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { AuditEvent, AuditKind } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';
import { LOGGER } from '../config/config.token.js';

/** Events that an operator has to look at: a token was copied, or the database was restored to an older state. */
const ALARMING: ReadonlySet<AuditKind> = new Set(['refresh_token_reuse', 'rollback_detected']);

/** Writes a log line for each stored audit event, also for each failed login, which the table only counts. */
@Injectable()
export class AuditLines {
  constructor(
    audit: AuditLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    audit.subscribe((event) => this.#write(event));
  }

  #write({ kind, outcome, actor, clientId, subject, sid, address, requestId, detail }: AuditEvent): void {
    const level = ALARMING.has(kind) ? 'warn' : 'info';
    this.logger[level](
      {
        event: kind,
        outcome,
        actor,
        client_id: clientId,
        subject,
        sid,
        address,
        request_id: requestId,
        detail,
      },
      'audit event',
    );
  }
}
