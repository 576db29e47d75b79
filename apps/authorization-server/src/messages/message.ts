/** A message to a user. */
export interface Message {
  /** The purpose: a login, or the proof of an address. */
  readonly kind: 'login_code' | 'address_code';
  /** One e-mail address; see `isEmailAddress`. */
  readonly to: string;
  readonly code: string;
  /** In seconds. */
  readonly expiresIn: number;
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

export interface MessageTransport {
  /** @param signal aborts it and frees its resources @throws what went wrong; the message may have been sent */
  send(message: Message, signal: AbortSignal): Promise<void>;
  close(): void;
}
