import { createParser, type EventSourceParser } from 'eventsource-parser';
import { FeedProtocolError } from './feed-protocol.error.js';

/** Maximum number of characters of an incomplete event; far more than any event of the feed needs. */
const MAX_BUFFERED = 32 * 1024;

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
  /** The event's own id; empty when it has none. */
  readonly id: string;
}

/**
 * Parses server-sent events from chunks of bytes. Buffers one incomplete event of bounded size.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventStreamParser {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser: EventSourceParser;
  #events: ServerSentEvent[] = [];

  constructor() {
    this.#parser = createParser({
      maxBufferSize: MAX_BUFFERED,
      onEvent: ({ event = 'message', data, id = '' }) => this.#events.push({ name: event, data, id }),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') throw new FeedProtocolError('an event is too long');
      },
    });
  }

  /**
   * @returns the events that these bytes complete
   * @throws FeedProtocolError on bytes that are no UTF-8, and on events that are too long
   */
  push(bytes: Uint8Array): ServerSentEvent[] {
    this.#events = [];
    this.#parser.feed(this.#decode(bytes));
    return this.#events;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes, { stream: true });
    } catch {
      throw new FeedProtocolError('the stream is not UTF-8');
    }
  }
}
