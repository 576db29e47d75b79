interface UnavailableOptions {
  /**
   * True when the authorization server itself fails, independent of the token; false when its answer about this token
   * cannot be used. Only the former opens the circuit, so that one unusual token cannot affect all others.
   */
  readonly outage?: boolean;
  /** When a retry makes sense, in seconds; `null` when it is unknown. */
  readonly retryAfterSeconds?: number | null;
}

/**
 * The authorization server could not be asked, or its answer cannot be trusted. Nothing is known about the token, so
 * the request is neither allowed nor answered with 401. The message is for the log and repeats nothing that was
 * received.
 */
export class IntrospectionUnavailableError extends Error {
  override readonly name = 'IntrospectionUnavailableError';
  readonly outage: boolean;
  readonly retryAfterSeconds: number | null;

  constructor(message: string, { outage = false, retryAfterSeconds = null }: UnavailableOptions = {}) {
    super(message);
    this.outage = outage;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
