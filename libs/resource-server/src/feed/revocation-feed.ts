import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { FeedState, FreshnessCounters } from './freshness-status.js';
import { BackOff } from './back-off.js';
import { ClockComparison } from './clock-comparison.js';
import { EventStreamParser } from './event-stream-parser.js';
import { withFeed, type FeedConnection, type FeedEndpoint } from './feed-connection.js';
import { FeedProtocolError } from './feed-protocol.error.js';
import { FeedSession, type FeedListener } from './feed-session.js';
import { StateChanges } from './state-changes.js';

/** Missing heartbeats after which the feed no longer counts as live. */
const MISSING_HEARTBEATS = 2.5;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

/** Maximum duration of a snapshot, as a multiple of the time that a feed may be silent. */
const LONGEST_SNAPSHOT = 20;

/** After a stream that ended sooner than this, the next attempt is delayed. */
const WORTHWHILE_MS = 1000;

interface FeedSettings extends FeedEndpoint {
  readonly maxStalenessMs: number;
  /** Difference between the clocks of this host and of the server above which the log warns. */
  readonly clockToleranceMs: number;
}

/**
 * Reads the authorization server's revocation feed as long as the application runs, one stream after another. Whether
 * it can be relied on is computed from the clock at each use, never by a timer, which may be late.
 */
export class RevocationFeed {
  readonly #logger = new Logger('RevocationFeed');
  readonly #backOff = new BackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS);
  readonly #stopping = new AbortController();
  readonly #changes = new StateChanges('down');
  readonly #clocks: ClockComparison;
  #session: FeedSession | null = null;
  /** Of the last stream that was complete; still valid after the stream has ended. */
  #freshAt = -Infinity;
  #isStreaming = false;
  /** When the last event arrived. A snapshot may take long, but must not be silent. Comments are no events. */
  #heardAt = Infinity;
  /** When the current stream began, if it is not live yet. */
  #beganAt = Infinity;
  #complaint = '';
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: FeedSettings,
    private readonly listener: FeedListener,
    private readonly counters: FreshnessCounters,
  ) {
    this.#clocks = new ClockComparison(settings.clockToleranceMs);
  }

  /** Until when cached answers may be used, by `performance.now()`. */
  get usableUntil(): number {
    return this.#freshAt + this.settings.maxStalenessMs;
  }

  /** Until when the stream is known to be complete, if nothing happens; `-Infinity` without a complete stream. */
  get liveUntil(): number {
    return this.#isStreaming ? this.#freshAt + this.#liveForMs() : -Infinity;
  }

  get freshAt(): number {
    return this.#freshAt;
  }

  get state(): FeedState {
    const now = performance.now();
    if (now >= this.usableUntil) return 'down';
    return now < this.liveUntil ? 'live' : 'degraded';
  }

  /** The latest possible time of the server's clock, in milliseconds since the epoch; `null` while it is unknown. */
  serverTime(): number | null {
    return this.#session?.clock?.serverTime(performance.now()) ?? null;
  }

  onStateChange(listener: (state: FeedState) => void): () => void {
    // After a pause of the process the state may have changed without an event or a timer yet.
    this.#changes.update(this.state);
    return this.#changes.subscribe(listener);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now();
      const reason = await this.#listen();
      this.#isStreaming = false;
      this.#changes.update(this.state);
      if (this.#stopping.signal.aborted) return;
      const wasWorthwhile = reason === null && performance.now() - startedAt >= WORTHWHILE_MS;
      if (reason !== null) this.#complain(reason);
      if (!wasWorthwhile)
        await sleep(this.#backOff.next(), null, { signal: this.#stopping.signal }).catch(nothing);
    }
  }

  /** @returns why the stream failed; `null` when the server ended it regularly */
  async #listen(): Promise<string | null> {
    const attempt = new AbortController();
    const stop = (): void => attempt.abort();
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    const watch = setInterval(() => this.#watch(attempt), this.#watchMs());
    this.#heardAt = Infinity;
    this.#beganAt = Infinity;
    this.counters.feedConnections++;
    try {
      await withFeed(this.settings, attempt.signal, (connection) => this.#read(connection));
      return null;
    } catch (error) {
      return reasonOf(error, attempt.signal);
    } finally {
      clearInterval(watch);
      this.#stopping.signal.removeEventListener('abort', stop);
    }
  }

  async #read({ requestedAt, bytes }: FeedConnection): Promise<void> {
    const parser = new EventStreamParser();
    const session = new FeedSession(this.listener, requestedAt, this.settings.maxStalenessMs);
    this.#beganAt = performance.now();
    this.#heardAt = this.#beganAt;
    for await (const chunk of bytes) {
      for (const event of parser.push(chunk)) {
        this.#heardAt = performance.now();
        const goesOn = session.accept(event, performance.now());
        this.#advance(session);
        if (!goesOn) return;
      }
    }
    throw new FeedProtocolError('the stream ended');
  }

  #advance(session: FeedSession): void {
    this.#session = session;
    const serverTime = session.serverTime(performance.now());
    if (serverTime !== null) this.#clocks.compare(serverTime, Date.now());
    if (!session.isLive) return;
    if (!this.#isStreaming) {
      this.#backOff.reset();
      this.#complaint = '';
    }
    this.#isStreaming = true;
    this.#freshAt = Math.max(this.#freshAt, session.freshAt);
    this.#changes.update(this.state);
  }

  /** Aborts a stream that has been silent for too long, because its next events would be too old. */
  #watch(attempt: AbortController): void {
    this.#changes.update(this.state);
    const now = performance.now();
    const { maxStalenessMs } = this.settings;
    const silentFrom = this.#isStreaming ? this.usableUntil : this.#heardAt + maxStalenessMs;
    if (now >= silentFrom) attempt.abort(new FeedProtocolError('it was silent for too long'));
    else if (!this.#isStreaming && now >= this.#beganAt + LONGEST_SNAPSHOT * maxStalenessMs) {
      attempt.abort(new FeedProtocolError('its snapshot does not end'));
    }
  }

  #watchMs(): number {
    return Math.min(500, Math.ceil(this.settings.maxStalenessMs / 10));
  }

  #liveForMs(): number {
    const heartbeats = (this.#session?.heartbeatIntervalMs ?? 0) * MISSING_HEARTBEATS;
    return Math.min(heartbeats, this.settings.maxStalenessMs);
  }

  /** Logs each problem once, however often it repeats. */
  #complain(reason: string): void {
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    this.#logger.warn(`The revocation feed is interrupted: ${reason}`);
  }
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  const reason: unknown = signal.aborted ? signal.reason : error;
  if (reason instanceof FeedProtocolError) return reason.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'the connection broke';
}

function nothing(): void {
  // The end of the application interrupts the wait.
}
