import { IdColumn, IntegerColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';
import type { AuditEvent, AuditKind } from './audit-event.js';

const json = {
  to: (value: unknown): string | null => (value === null ? null : JSON.stringify(value)),
  from: (text: string | null): unknown => (text === null ? null : JSON.parse(text)),
};

/** An event as it was recorded. */
@Entity('audit_events')
@Index('audit_events_bucket', ['bucket'], { unique: true })
@Index('audit_events_actor', ['actor', 'id'])
@Index('audit_events_client_id', ['clientId', 'id'])
@Index('audit_events_subject', ['subject', 'id'])
@Index('audit_events_kind', ['kind', 'id'])
export class RecordedEvent {
  @IdColumn({ primary: true }) id!: string;
  @TimeColumn() occurredAt!: number;
  @TextColumn() kind!: AuditKind;
  @TextColumn() outcome!: AuditEvent['outcome'];
  @TextColumn({ nullable: true }) actor!: string | null;
  @TextColumn({ nullable: true }) clientId!: string | null;
  @TextColumn({ nullable: true }) subject!: string | null;
  @IdColumn({ nullable: true }) sid!: string | null;
  @TextColumn({ nullable: true }) address!: string | null;
  @TextColumn({ nullable: true }) requestId!: string | null;
  @TextColumn({ nullable: true, transformer: json }) detail!: Readonly<Record<string, unknown>> | null;
  /** Number of events of the same minute that the row counts. */
  @IntegerColumn() count!: number;
  /** The key of a row that may count several events; see `AuditLog.bucketOf`. */
  @TextColumn({ nullable: true }) bucket!: string | null;
}
