/** The stream is not a complete revocation feed. The message is for the log and repeats nothing that was received. */
export class FeedProtocolError extends Error {
  override readonly name = 'FeedProtocolError';
}
