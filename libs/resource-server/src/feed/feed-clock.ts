import { FeedProtocolError } from './feed-protocol.error.js';

/** Milliseconds that two clocks may drift apart within the life of one stream. */
const DRIFT_MS = 250;

/**
 * Places what the server's clock says on our monotonic clock, never later than it was. The server read its clock after
 * we had sent our request, so taking the two as simultaneous puts everything that follows too early by the time that
 * the request took, and nothing too late: a delay on the way counts as age, wherever it arises and however long it lasts.
 */
export class FeedClock {
  /** What the server's clock is behind ours, at most. */
  readonly #offset: number;

  /**
   * @param requestedAt when the request was sent, by our clock
   * @param serverNow what the server's clock said when it began to answer
   */
  constructor(requestedAt: number, serverNow: number) {
    this.#offset = requestedAt - serverNow;
  }

  /**
   * @returns the earliest time by our clock at which the server can have said this
   * @throws FeedProtocolError when it would lie ahead, because a clock was set meanwhile
   */
  earliest(serverNow: number, receivedAt: number): number {
    const at = serverNow + this.#offset;
    if (at > receivedAt + DRIFT_MS) throw new FeedProtocolError("the server's clock was set forward");
    return Math.min(at, receivedAt);
  }

  /** @returns the latest time that the server's clock may show at a time of ours */
  serverTime(at: number): number {
    return at - this.#offset;
  }
}
