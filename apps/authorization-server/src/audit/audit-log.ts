import { Injectable } from '@nestjs/common';
import { Database, idToBytes, insertInto, newId, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import type { AuditEvent } from './audit-event.js';

const MINUTE_MS = 60_000;

/** How the subject of a failed login begins when nobody has the name: a keyed hash of it follows. */
export const UNKNOWN_SUBJECT = 'unknown:';

/** Appends audit events in the transaction that they describe. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  *record(event: AuditEvent): Step<void> {
    yield insertInto('audit_events', this.#row(event));
  }

  /**
   * One row per subject, client and minute, with a count, and one for all names that nobody has: an attacker, who has
   * any number of names, must not be able to fill the disk with failures.
   * The row keeps the address and request id of the first one.
   */
  *count(event: AuditEvent): Step<void> {
    const row = { ...this.#row(event), bucket: this.#bucket(event) };
    yield sql`${insertInto('audit_events', row)} ON CONFLICT (bucket) DO UPDATE SET count = audit_events.count + 1`;
  }

  #bucket({ kind, subject = '', clientId = '' }: AuditEvent): string {
    const account = subject.startsWith(UNKNOWN_SUBJECT) ? UNKNOWN_SUBJECT : subject;
    return JSON.stringify([kind, account, clientId, Math.floor(Date.now() / MINUTE_MS)]);
  }

  #row({ kind, outcome, actor, clientId, subject, sid, address, requestId, detail }: AuditEvent) {
    return {
      id: idToBytes(newId()),
      occurred_at: this.database.now,
      kind,
      outcome,
      actor,
      client_id: clientId ?? null,
      subject: subject ?? null,
      sid: sid === undefined ? null : idToBytes(sid),
      address,
      request_id: requestId,
      detail: detail === undefined ? null : JSON.stringify(detail),
      count: 1,
    };
  }
}
