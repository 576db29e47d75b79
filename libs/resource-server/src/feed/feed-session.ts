import type { ServerSentEvent } from './event-stream-parser.js';
import type { ServerTime } from './clock-comparison.js';
import { FeedClock } from './feed-clock.js';
import { readFeedMessage, type FeedMessage, type Revocation, type SnapshotMessage } from './feed-message.js';
import { FeedProtocolError } from './feed-protocol.error.js';

/** Receives the content of the feed, in its order. */
export interface FeedListener {
  /**
   * A stream begins: revocations may have been missed. All revocations that still matter follow.
   *
   * @param digestKey the key of the digests that replace names; `null`: the stream has plain names
   * @param databaseId identifies the server's database; `null`: the server does not send it
   */
  restart(maxTokenLifetimeMs: number, digestKey: string | null, databaseId: string | null): void;
  revoke(revocation: Revocation): void;
}

/** Maximum time from the request to the snapshot, as a share of the allowed staleness. */
const MAX_START = 0.5;

/**
 * One stream, beginning with its snapshot. Refuses everything that could hide a missing revocation: events without a
 * number, a gap in the numbers, numbers of another process, anything before the snapshot.
 */
export class FeedSession {
  #boot: string | null = null;
  #count = 0;
  #clock: FeedClock | null = null;
  #isComplete = false;
  #freshAt = -Infinity;
  #heartbeatIntervalMs = 0;
  #serverNow = -Infinity;

  /** @param requestedAt when the stream was requested, by the monotonic clock, like all times of this class */
  constructor(
    private readonly listener: FeedListener,
    private readonly requestedAt: number,
    private readonly maxStalenessMs: number,
  ) {}

  /** The latest time up to which the stream is known to be complete; `-Infinity` before `live`. */
  get freshAt(): number {
    return this.#freshAt;
  }

  get isLive(): boolean {
    return this.#isComplete;
  }

  get heartbeatIntervalMs(): number {
    return this.#heartbeatIntervalMs;
  }

  get clock(): FeedClock | null {
    return this.#clock;
  }

  /** The possible times of the server's clock at a time of our clock; `null` before the snapshot. */
  serverTime(at: number): ServerTime | null {
    return this.#clock === null ? null : { earliest: this.#serverNow, latest: this.#clock.serverTime(at) };
  }

  /**
   * @returns false when the server ends the stream
   * @throws FeedProtocolError when the event is not a valid continuation; the rest of the stream cannot be trusted then
   */
  accept(event: ServerSentEvent, receivedAt: number): boolean {
    this.#follow(event.id);
    const message = readFeedMessage(event);
    if ('now' in message) this.#serverNow = message.now;
    if (this.#clock === null) this.#start(message, receivedAt);
    else this.#continue(message, this.#clock, receivedAt);
    return message.kind !== 'reconnect';
  }

  #follow(id: string): void {
    const [, boot = '', digits = ''] = /^(.{1,200}):(\d{1,15})$/.exec(id) ?? [];
    if (boot === '') throw new FeedProtocolError('an event has no usable id');
    if (boot !== (this.#boot ?? boot)) throw new FeedProtocolError('the stream changed to another process');
    if (this.#boot !== null && Number(digits) !== this.#count + 1)
      throw new FeedProtocolError('events are missing');
    this.#boot = boot;
    this.#count = Number(digits);
  }

  #start(message: FeedMessage, receivedAt: number): void {
    if (message.kind === 'reconnect') return;
    if (message.kind !== 'snapshot') throw new FeedProtocolError('the stream does not begin with a snapshot');
    this.#assertUsable(message, receivedAt);
    this.#clock = new FeedClock(this.requestedAt, message.now);
    this.#heartbeatIntervalMs = message.heartbeatIntervalMs;
    this.listener.restart(message.maxTokenLifetimeMs, message.digestKey, message.databaseId);
  }

  #assertUsable({ heartbeatIntervalMs }: SnapshotMessage, receivedAt: number): void {
    const took = receivedAt - this.requestedAt;
    // All later times count as older by this duration; if it is too long, even heartbeats in time would count as late.
    if (took > this.maxStalenessMs * MAX_START) throw new FeedProtocolError('the snapshot came too late');
    if (heartbeatIntervalMs >= this.maxStalenessMs) {
      throw new FeedProtocolError('heartbeats are further apart than the feed may be silent');
    }
  }

  #continue(message: FeedMessage, clock: FeedClock, receivedAt: number): void {
    if (message.kind === 'snapshot') throw new FeedProtocolError('the stream has a second snapshot');
    if (message.kind === 'revoked') this.listener.revoke(message.revocation);
    if (message.kind === 'live') this.#isComplete = true;
    // A heartbeat before `live` does not cover the rest of the snapshot.
    if ('now' in message && this.#isComplete) {
      this.#freshAt = Math.max(this.#freshAt, clock.earliest(message.now, receivedAt));
    }
  }
}
