/** What came is not a revocation feed, or not all of it came. The message is for the log and repeats nothing received. */
export class FeedProtocolError extends Error {
  override readonly name = 'FeedProtocolError';
}
