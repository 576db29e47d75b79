import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { AuditEvent } from './audit-event.js';
import { AuditLog } from './audit-log.js';

/** An attempt that ends with a failure, and how to store the end of several. */
export interface FailedAttempt<T = unknown> {
  readonly attempt: T;
  /** One statement each, independent of one another. */
  readonly end: (attempts: readonly T[]) => Step<void>[];
}

/** Events of one row that are to be stored with one statement. */
interface Batch {
  readonly events: AuditEvent[];
  readonly attempts: FailedAttempt[];
  readonly stored: Promise<void>;
}

/**
 * Counts failures, and retries with spent tokens, of which a flood makes any number in the same row. For each row there is at most one statement under
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

  /**
   * Resolves once the event is stored, and the end of the attempt with it.
   *
   * @param failed `end` is the same for all events of a kind
   */
  async count<T>(event: AuditEvent, failed: FailedAttempt<T> | null): Promise<void> {
    const bucket = this.audit.bucketOf(event);
    const open = this.#open.get(bucket) ?? this.#begin(bucket);
    open.events.push(event);
    if (failed !== null) open.attempts.push(failed as FailedAttempt);
    await open.stored;
  }

  #begin(bucket: string): Batch {
    const [events, attempts]: [AuditEvent[], FailedAttempt[]] = [[], []];
    const stored = this.#store(bucket, events, attempts);
    const batch = { events, attempts, stored };
    this.#open.set(bucket, batch);
    const ended = stored
      .catch(() => undefined)
      .then(() => {
        if (this.#ended.get(bucket) === ended) this.#ended.delete(bucket);
      });
    this.#ended.set(bucket, ended);
    return batch;
  }

  async #store(
    bucket: string,
    events: readonly AuditEvent[],
    attempts: readonly FailedAttempt[],
  ): Promise<void> {
    await this.#ended.get(bucket);
    this.#open.delete(bucket);
    await this.database.writeTogether(() => [
      ...(attempts[0]?.end(attempts.map(({ attempt }) => attempt)) ?? []),
      this.audit.count(bucket, events),
    ]);
  }
}
