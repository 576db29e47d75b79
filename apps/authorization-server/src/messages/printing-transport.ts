import type { Logger } from 'pino';
import type { Message, MessageTransport } from './message.js';

/** Writes messages to the log, for development. Anyone who reads the log can use their codes. */
export class PrintingTransport implements MessageTransport {
  constructor(private readonly logger: Pick<Logger, 'warn'>) {}

  send({ to, subject, text }: Message): Promise<void> {
    this.logger.warn({ to, subject, text }, 'EMAIL_PRINT is on: this message is printed here and not sent');
    return Promise.resolve();
  }

  close(): void {
    // There is nothing to close.
  }
}
