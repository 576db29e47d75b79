import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import { Moment } from './moment.js';
import { Notifications } from './notifications.js';
import { OwnNotifications } from './own-notifications.js';
import { PostgresSession } from './postgres-session.js';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;

/** `proof ORIGIN N CLOCK`, `note ORIGIN N PAYLOAD`. */
const MESSAGE = /^(proof|note) ([0-9a-f]+) (\d+) (.*)$/s;

interface Proof {
  /** When it was sent, so that its age includes the transmission. */
  readonly sent: Moment;
  /** The database's clock when it passed through the database. */
  readonly clock: number;
}

/**
 * Receives notifications of other processes, and proves every second that it does. PostgreSQL keeps the order of the
 * commits, so when a message to itself comes back, no earlier notification was missed. If one does not come back in
 * time, or a connection is lost, the state is out of sync and a new session begins. Notifications in between are lost.
 */
export class PostgresNotifications extends Notifications {
  readonly #origin = randomBytes(8).toString('hex');
  readonly #own = new OwnNotifications(this.#origin);
  /** The proofs that were sent and not yet received, by number. */
  readonly #sent = new Map<number, Moment>();
  #session: PostgresSession | null = null;
  #proof: Proof | null = null;
  #proofs = 0;
  #retryMs = FIRST_RETRY_MS;
  #stopped = true;
  #sending: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #retrying: NodeJS.Timeout | undefined;
  #started: () => void = () => undefined;

  constructor(
    private readonly connect: () => Client,
    private readonly logger: Logger,
  ) {
    super();
  }

  /** Computed at each use, not only by a timer: after a pause of the process no timer has run yet. */
  get inSync(): boolean {
    return this.#proof !== null && this.#proof.sent.age() <= this.times.limit;
  }

  latestTime(): number {
    if (this.#proof === null) throw new Error('The clock of the database is not known');
    return Math.ceil(this.#proof.clock + this.#proof.sent.age());
  }

  start(): Promise<void> {
    this.#stopped = false;
    const started = new Promise<void>((resolve) => {
      this.#started = resolve;
    });
    this.#open();
    return started;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end();
  }

  /**
   * The message for a notification of this process, and a promise that resolves when it was received. A notification
   * that is sent before this process listens may never be received, even if it listens at the time of the commit: then
   * the promise resolves at once.
   */
  own(payload: string): { message: string; received: Promise<void>; forget: () => void } {
    const own = this.#own.add(payload);
    if (this.#proof === null) this.#own.settle(own.number);
    return own;
  }

  protected listenerFailed(error: unknown): void {
    this.logger.error({ err: error }, 'a listener to notifications failed');
  }

  #open(): void {
    const session: PostgresSession = new PostgresSession(this.connect(), this.connect(), {
      message: (text) => this.#read(text),
      lost: (error) => this.#lose(session, error),
    });
    this.#session = session;
    session.open().then(
      () => {
        if (session === this.#session) this.#prove();
      },
      (error: Error) => this.#lose(session, error),
    );
  }

  #prove(): void {
    this.#sent.set(++this.#proofs, new Moment());
    this.#session?.prove(`proof ${this.#origin} ${this.#proofs} `);
    if (this.#proof === null && this.#sent.size === 1) this.#expectProofWithin(this.times.limit);
    this.#sending = setTimeout(() => this.#prove(), this.times.interval).unref();
  }

  #read(text: string): void {
    const [, kind, origin, number, rest = ''] = MESSAGE.exec(text) ?? [];
    // From another program, or from another version: listeners have to assume any change.
    if (kind === undefined) this.emit('notified', text);
    else if (kind === 'note') {
      this.emit('notified', rest);
      if (origin === this.#origin) this.#own.settle(Number(number));
    } else if (origin === this.#origin) this.#proven(Number(number), Number(rest));
  }

  #proven(number: number, clock: number): void {
    const sent = this.#sent.get(number);
    if (sent === undefined || !Number.isFinite(clock)) return;
    for (const known of this.#sent.keys()) if (known <= number) this.#sent.delete(known);
    if (this.#proof === null) this.logger.info('receives the notifications of the database');
    this.#proof = { sent, clock };
    this.#retryMs = FIRST_RETRY_MS;
    this.#expectProofWithin(this.times.limit - sent.age());
    this.#started();
    this.emit('pulse', clock);
  }

  #expectProofWithin(milliseconds: number): void {
    clearTimeout(this.#deadline);
    const session = this.#session;
    this.#deadline = setTimeout(() => {
      // After a pause of the process, first read what has arrived meanwhile.
      setImmediate(() => {
        if (session === null || session !== this.#session) return;
        // A timer may fire slightly too early, and must not be the last one.
        if (this.inSync) this.#expectProofWithin(1);
        else this.#lose(session, new Error('A notification to itself did not come back in time'));
      });
    }, milliseconds).unref();
  }

  #lose(session: PostgresSession, error: Error): void {
    if (session !== this.#session) return;
    this.logger.warn({ err: error }, 'does not receive the notifications of the database');
    this.#end();
    if (this.#stopped) return;
    const wait = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#retrying = setTimeout(() => this.#open(), wait).unref();
  }

  #end(): void {
    for (const timer of [this.#sending, this.#deadline, this.#retrying]) clearTimeout(timer);
    this.#session?.close();
    this.#session = null;
    this.#sent.clear();
    const wasInSync = this.#proof !== null;
    this.#proof = null;
    this.#own.abandon();
    this.#started();
    if (wasInSync) this.emit('outOfSync');
  }
}
