import { Injectable } from '@nestjs/common';
import { Database, type IndependentStatements, type Statement } from '@latchkey/platform/database';
import type { AuditEvent } from './audit-event.js';
import { AuditLog } from './audit-log.js';

/** A failed attempt, and how to store the end of several attempts. */
export interface FailedAttempt<T = unknown> {
  readonly attempt: T;
  /** Statements that are independent of each other. */
  readonly end: (attempts: readonly T[]) => Statement[];
}

/** The events and attempts that one statement stores. */
interface Batch {
  /** By the key of the row that counts them. */
  readonly events: Map<string, [AuditEvent, ...AuditEvent[]]>;
  readonly attempts: FailedAttempt[];
  readonly stored: Promise<void>;
}

/** Rows and attempts of one statement; the rest waits for the next one. */
const MAX_ROWS = 100;

/**
 * Counts failures, and retries with spent tokens, both of which may come in floods. At most one statement runs at a
 * time; events that arrive meanwhile are stored together by the next one. So a flood uses one connection. All failures
 * wait equally long: those of unknown names, which share one row, and those of accounts, which have one row each.
 */
@Injectable()
export class FailureCounts {
  /** Collects events until its statement begins. */
  #open: Batch | null = null;
  /** Resolves when the latest statement has ended, successfully or not. */
  #ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Resolves when the event and the end of the attempt are stored.
   *
   * @param failed `end` is the same for all events
   */
  async count<T>(event: AuditEvent, failed: FailedAttempt<T> | null): Promise<void> {
    const bucket = this.audit.bucketOf(event);
    const batch = this.#open === null || isFull(this.#open, bucket) ? this.#begin() : this.#open;
    const events = batch.events.get(bucket);
    if (events === undefined) batch.events.set(bucket, [event]);
    else events.push(event);
    if (failed !== null) batch.attempts.push(failed as FailedAttempt);
    await batch.stored;
  }

  #begin(): Batch {
    const events: Batch['events'] = new Map();
    const attempts: FailedAttempt[] = [];
    const stored = this.#ended.then(() => this.#store(events, attempts));
    const batch = { events, attempts, stored };
    this.#open = batch;
    this.#ended = stored.catch(() => undefined);
    return batch;
  }

  async #store(events: Batch['events'], attempts: readonly FailedAttempt[]): Promise<void> {
    if (this.#open?.events === events) this.#open = null;
    // In a fixed order, so that two servers never deadlock on each other's rows.
    const counted = [...events].sort(([left], [right]) => (left < right ? -1 : 1));
    const statements = [
      ...(attempts[0]?.end(attempts.map(({ attempt }) => attempt)) ?? []),
      ...counted.map(([bucket, ofBucket]) => this.audit.countStatement(bucket, ofBucket)),
    ];
    await this.database.writeTogether(statements as unknown as IndependentStatements<void>);
  }
}

function isFull({ events, attempts }: Batch, bucket: string): boolean {
  return attempts.length >= MAX_ROWS || (events.size >= MAX_ROWS && !events.has(bucket));
}
