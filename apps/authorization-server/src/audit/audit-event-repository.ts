import type { Examined } from '@latchkey/platform/http';
import type { AuditEvent, AuditKind } from './audit-event.js';

/** An event as it was recorded. */
export interface RecordedEvent extends Omit<AuditEvent, 'clientId' | 'subject' | 'sid' | 'detail' | 'actor'> {
  readonly id: string;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly occurredAt: number;
  readonly actor: string | null;
  readonly clientId: string | null;
  readonly subject: string | null;
  readonly sid: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
  /** How many events of the same minute the row stands for. */
  readonly count: number;
}

/** What an event must be like; a member that is absent does not matter. */
export interface AuditEventFilter {
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly clientId?: string | undefined;
  readonly kind?: AuditKind | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
  /** Milliseconds since the epoch; the first moment that counts. */
  readonly since?: number | undefined;
  /** The first moment that does not count any more. */
  readonly until?: number | undefined;
}

export abstract class AuditEventRepository {
  /** Newest first, older than the id `before`. No index knows all filters, so the effort is bounded instead. */
  abstract list(
    filter: AuditEventFilter,
    limit: number,
    before: string | null,
  ): Promise<Examined<RecordedEvent>>;

  /** Deletes some of the events from before `time` (milliseconds since the epoch). @returns how many */
  abstract deleteBefore(time: number, limit: number): Promise<number>;
}
