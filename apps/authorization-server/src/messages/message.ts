/** What a user is sent. */
export interface Message {
  /** What it is for: a login, or that the address is the user's. */
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

/** A way to send messages. */
export interface MessageTransport {
  /** @param signal ends the attempt, and whatever it holds @throws what went wrong; it may have been sent all the same */
  send(message: Message, signal: AbortSignal): Promise<void>;
  close(): void;
}
