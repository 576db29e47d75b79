import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { REPEAT_REASONS } from '../audit/audit-event.js';
import { AuditLog } from '../audit/audit-log.js';

/** Counts audit events. Events that show an attack or a restored database have metrics of their own. */
@Injectable()
export class AuditMetrics {
  constructor(audit: AuditLog, registry: Registry) {
    const registers = [registry];
    const events = new Counter({
      name: 'latchkey_audit_events_total',
      help: 'Audit events that were stored, by kind and outcome; each failed login counts, though a minute of them is one row',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    const reuse = new Counter({
      name: 'latchkey_refresh_token_reuse_total',
      help: 'Authorizations revoked because a refresh token was presented that had been spent',
      registers,
    });
    const repeats = new Counter({
      name: 'latchkey_refresh_token_repeats_total',
      help: `Refresh tokens answered again within the grace that may have been stolen, by reason: ${REPEAT_REASONS.join(', ')}`,
      labelNames: ['reason'],
      registers,
    });
    for (const reason of REPEAT_REASONS) repeats.inc({ reason }, 0);
    const rollback = new Counter({
      name: 'latchkey_rollback_detected_total',
      help: 'Authorizations revoked because a refresh token was newer than the database',
      registers,
    });
    audit.subscribe(({ kind, outcome, detail }) => {
      events.inc({ kind, outcome });
      if (kind === 'refresh_token_reuse') reuse.inc();
      if (kind === 'refresh_token_repeated') {
        for (const reason of REPEAT_REASONS) repeats.inc({ reason }, detail?.reason === reason ? 1 : 0);
      }
      if (kind === 'rollback_detected') rollback.inc();
    });
  }
}
