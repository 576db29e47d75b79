import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { RepeatedWarning } from '@latchkey/platform/logging';
import type { Logger } from 'pino';
import { Counter, Registry } from 'prom-client';
import type { AuthorizationServerConfig, MessageSettings } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';
import type { Message, MessageTransport } from './message.js';
import { PrintingTransport } from './printing-transport.js';
import { SmtpTransport } from './smtp-transport.js';
import { WebhookRefusalError, WebhookTransport } from './webhook-transport.js';

/** Per server: messages that are being sent or waiting. */
const MAX_IN_FLIGHT = 64;

type Outcome = 'sent' | 'failed' | 'timed_out' | 'queue_full';
const OUTCOMES: readonly Outcome[] = ['sent', 'failed', 'timed_out', 'queue_full'];

/** A message was probably not sent; after the deadline it may have been. */
export class MessageNotSentError extends Error {
  override readonly name = 'MessageNotSentError';

  constructor(readonly outcome: Exclude<Outcome, 'sent'>) {
    super(`The message could not be sent: ${outcome}`);
  }
}

/** Sends messages to users. A mail server that is slow or unreachable delays no request beyond the deadline. */
@Injectable()
export class MessageSender implements OnApplicationShutdown {
  readonly #transport: MessageTransport | null;
  readonly #deadlineMs: number;
  readonly #messages: Counter;
  readonly #warning: RepeatedWarning;
  #inFlight = 0;

  constructor(
    @Inject(CONFIG) { messages }: Pick<AuthorizationServerConfig, 'messages'>,
    registry: Registry,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#transport = createTransport(messages, logger);
    this.#deadlineMs = messages.deadlineMs;
    this.#messages = new Counter({
      name: 'latchkey_messages_total',
      help: 'Messages to users by outcome: sent, failed, timed_out, or queue_full when too many were on their way',
      labelNames: ['outcome'],
      registers: [registry],
    });
    for (const outcome of OUTCOMES) this.#messages.inc({ outcome }, 0);
    this.#warning = new RepeatedWarning(logger, 'a message to a user could not be sent');
  }

  /** Whether messages can be sent. */
  get isOn(): boolean {
    return this.#transport !== null;
  }

  /** @throws MessageNotSentError */
  async send(message: Message): Promise<void> {
    if (this.#transport === null) throw new Error('There is no way to send messages');
    if (this.#inFlight >= MAX_IN_FLIGHT) this.#fail('queue_full', {});
    const signal = AbortSignal.timeout(this.#deadlineMs);
    this.#inFlight++;
    try {
      await this.#transport.send(message, signal);
    } catch (error) {
      this.#fail(signal.aborted ? 'timed_out' : 'failed', reasonOf(error));
    } finally {
      this.#inFlight--;
    }
    this.#messages.inc({ outcome: 'sent' });
  }

  onApplicationShutdown(): void {
    this.#transport?.close();
  }

  #fail(outcome: Exclude<Outcome, 'sent'>, reason: object): never {
    this.#messages.inc({ outcome });
    this.#warning.happened(() => ({ outcome, ...reason }));
    throw new MessageNotSentError(outcome);
  }
}

function createTransport(
  { transport, deadlineMs }: MessageSettings,
  logger: Logger,
): MessageTransport | null {
  switch (transport?.kind) {
    case 'smtp':
      return new SmtpTransport(transport, deadlineMs);
    case 'webhook':
      return new WebhookTransport(transport);
    case 'print':
      return new PrintingTransport(logger);
    case undefined:
      return null;
  }
}

/** Only the parts of an error without addresses or texts of the mail server, which may quote the message. */
function reasonOf(error: unknown): object {
  if (error instanceof WebhookRefusalError) return { status: error.status };
  const { code, command, responseCode } = (error ?? {}) as Record<string, unknown>;
  // An error of `fetch` has the reason in its cause.
  const { code: causeCode } = ((error as Error | null)?.cause ?? {}) as Record<string, unknown>;
  return { code: causeCode ?? code, command, response_code: responseCode };
}
