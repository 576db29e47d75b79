import type { ServerSentEvent } from './event-stream-parser.js';
import type { ServerTime } from './clock-comparison.js';
import { FeedClock } from './feed-clock.js';
import { readFeedMessage, type FeedMessage, type Revocation, type SnapshotMessage } from './feed-message.js';
import { FeedProtocolError } from './feed-protocol.error.js';

/** Takes what the feed says, in the order in which it says it. */
export interface FeedListener {
  /**
   * A stream begins: something may have been missed. All revocations that still matter follow.
   *
   * @param digestKey of the digests that stand for names; `null`: names stand for themselves
   * @param databaseId names the server's database; `null`: the server does not say
   */
  restart(maxTokenLifetimeMs: number, digestKey: string | null, databaseId: string | null): void;
  revoke(revocation: Revocation): void;
}

/** How long it took from the request to the snapshot at most, as a part of what may be stale. */
const MAX_START = 0.5;

/**
 * One stream, from its snapshot on. Refuses whatever would let a revocation slip through: events without a number, a
 * gap in the numbers, another process's numbers, anything before the snapshot.
 */
export class FeedSession {
  #boot: string | null = null;
  #count = 0;
  #clock: FeedClock | null = null;
  #isComplete = false;
  #freshAt = -Infinity;
  #heartbeatIntervalMs = 0;
  #serverNow = -Infinity;

  /** @param requestedAt when the stream was asked for, by the monotonic clock that all times here are of */
  constructor(
    private readonly listener: FeedListener,
    private readonly requestedAt: number,
    private readonly maxStalenessMs: number,
  ) {}

  /** When the stream was last known to be complete up to; `-Infinity` before `live`. */
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

  /** What the server's clock may show at a time of ours; `null` before the snapshot. */
  serverTime(at: number): ServerTime | null {
    return this.#clock === null ? null : { earliest: this.#serverNow, latest: this.#clock.serverTime(at) };
  }

  /**
   * @returns false when the server wants the stream to end
   * @throws FeedProtocolError when this is not what follows, and nothing after it can be trusted
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
    // All later times count as older by this much; with more, heartbeats in time would count as late.
    if (took > this.maxStalenessMs * MAX_START) throw new FeedProtocolError('the snapshot came too late');
    if (heartbeatIntervalMs >= this.maxStalenessMs) {
      throw new FeedProtocolError('heartbeats are further apart than the feed may be silent');
    }
  }

  #continue(message: FeedMessage, clock: FeedClock, receivedAt: number): void {
    if (message.kind === 'snapshot') throw new FeedProtocolError('the stream has a second snapshot');
    if (message.kind === 'revoked') this.listener.revoke(message.revocation);
    if (message.kind === 'live') this.#isComplete = true;
    // A heartbeat before `live` says nothing about the part of the snapshot that is still to come.
    if ('now' in message && this.#isComplete) {
      this.#freshAt = Math.max(this.#freshAt, clock.earliest(message.now, receivedAt));
    }
  }
}
