import { Injectable } from '@nestjs/common';
import {
  Database,
  idToBytes,
  insertInto,
  newId,
  statement,
  type Statement,
  type Transaction,
} from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { AuditEvent } from './audit-event.js';

const MINUTE_MS = 60_000;

/** Prefix of the subject of a failed login with an unknown user name; a keyed hash of the name follows. */
export const UNKNOWN_SUBJECT = 'unknown:';

/** Receives an audit event after it is stored. Must not throw. */
type AuditListener = (event: AuditEvent) => void;

/** Appends audit events in the same transaction as the change that they record. */
@Injectable()
export class AuditLog {
  readonly #listeners: AuditListener[] = [];

  constructor(private readonly database: Database) {}

  /** The listener receives every event that this process records from now on, including every failed login. */
  subscribe(listener: AuditListener): void {
    this.#listeners.push(listener);
  }

  async record(tx: Transaction, ...events: [AuditEvent, ...AuditEvent[]]): Promise<void> {
    await tx.run(this.recordStatement(...events));
  }

  /** For callers that store without an explicit transaction. */
  recordStatement(...events: [AuditEvent, ...AuditEvent[]]): Statement {
    const [first, ...others] = events;
    const rows = others.map((event) => this.#row(event));
    return statement(insertInto('audit_events', this.#row(first), ...rows), () => this.#notify(events));
  }

  /**
   * Counts failures in one row per subject, client, session, reason and minute; all unknown names share one row.
   * Otherwise an attacker with many names could fill the disk with failures. The row keeps the address and request id
   * of the first event. Only {@link FailureCounts} calls this.
   *
   * @param bucket of all the events
   */
  countStatement(bucket: string, events: readonly [AuditEvent, ...AuditEvent[]]): Statement {
    const row = { ...this.#row(events[0]), bucket, count: events.length };
    return statement(
      sql`${insertInto('audit_events', row)}
      ON CONFLICT (bucket) DO UPDATE SET count = audit_events.count + excluded.count`,
      () => this.#notify(events),
    );
  }

  #notify(events: readonly AuditEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) listener(event);
    }
  }

  /** The key of the row that counts the event now. */
  bucketOf({ kind, subject = '', clientId = '', sid = '', detail = {} }: AuditEvent): string {
    const account = subject.startsWith(UNKNOWN_SUBJECT) ? UNKNOWN_SUBJECT : subject;
    return JSON.stringify([
      kind,
      account,
      clientId,
      sid,
      detail.reason ?? null,
      Math.floor(Date.now() / MINUTE_MS),
    ]);
  }

  #row({ kind, outcome, actor, clientId, subject, sid, address, requestId, detail = {} }: AuditEvent) {
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
      detail: Object.keys(detail).length === 0 ? null : JSON.stringify(detail),
      count: 1,
    };
  }
}
