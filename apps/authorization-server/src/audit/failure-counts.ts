import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform';
import type { AuditEvent } from './audit-event.js';
import { AuditLog } from './audit-log.js';

/** Events of one row that are to be stored with one statement. */
interface Batch {
  readonly events: AuditEvent[];
  readonly stored: Promise<void>;
}

/**
 * Counts failures, of which a flood makes any number in the same row. For each row there is at most one statement under
 * way: those that come meanwhile are stored together with the next. So they do not queue for the row's lock with a
 * connection each, and everybody else finds a connection.
 */
@Injectable()
export class FailureCounts {
  /** By bucket: takes further events until its statement begins. */
  readonly #open = new Map<string, Batch>();
  /** By bucket: resolves once the latest statement has ended, in whatever way. */
  readonly #ended = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly audit: AuditLog,
  ) {}

  /** Resolves once the event is stored. */
  async count(event: AuditEvent): Promise<void> {
    const bucket = this.audit.bucketOf(event);
    const open = this.#open.get(bucket) ?? this.#begin(bucket);
    open.events.push(event);
    await open.stored;
  }

  #begin(bucket: string): Batch {
    const events: AuditEvent[] = [];
    const stored = this.#store(bucket, events);
    const batch = { events, stored };
    this.#open.set(bucket, batch);
    const ended = stored
      .catch(() => undefined)
      .then(() => {
        if (this.#ended.get(bucket) === ended) this.#ended.delete(bucket);
      });
    this.#ended.set(bucket, ended);
    return batch;
  }

  async #store(bucket: string, events: readonly AuditEvent[]): Promise<void> {
    await this.#ended.get(bucket);
    this.#open.delete(bucket);
    await this.database.writeTogether(() => [this.audit.count(bucket, events)]);
  }
}
