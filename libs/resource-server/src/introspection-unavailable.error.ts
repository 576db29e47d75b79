/**
 * The authorization server could not be asked, or its answer cannot be trusted. Nothing is known about the token, so
 * the request is neither allowed nor answered with 401. The message is for the log and repeats nothing received.
 */
export class IntrospectionUnavailableError extends Error {
  override readonly name = 'IntrospectionUnavailableError';
}
