import { FeedProtocolError } from './feed-protocol.error.js';

/** Milliseconds that two clocks may drift apart within the life of one stream. */
const DRIFT_MS = 250;

/**
 * Converts times of the server's clock to our monotonic clock, never too late. The server read its clock after we had
 * sent our request. Treating both as simultaneous makes every converted time earlier by the duration of the request,
 * and never later. So each delay counts as age, whatever its cause and length.
 */
export class FeedClock {
  /** How far the server's clock is behind ours, at most. */
  readonly #offset: number;

  /**
   * @param requestedAt when the request was sent, by our clock
   * @param serverNow the server's clock when it began to answer
   */
  constructor(requestedAt: number, serverNow: number) {
    this.#offset = requestedAt - serverNow;
  }

  /**
   * @returns the earliest time by our clock at which the server can have sent this time
   * @throws FeedProtocolError when it lies in the future, because a clock was set meanwhile
   */
  earliest(serverNow: number, receivedAt: number): number {
    const at = serverNow + this.#offset;
    if (at > receivedAt + DRIFT_MS) throw new FeedProtocolError("the server's clock was set forward");
    return Math.min(at, receivedAt);
  }

  /** @returns the latest possible time of the server's clock at a time of our clock */
  serverTime(at: number): number {
    return at - this.#offset;
  }
}
