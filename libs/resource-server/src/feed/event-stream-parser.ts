import { FeedProtocolError } from './feed-protocol.error.js';

/** Characters; far more than any event of the feed needs. */
const MAX_LINE = 8 * 1024;
const MAX_EVENT = 32 * 1024;

const LINE_END = /\r\n|\n|\r/;

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
  /** The event's own id; empty when it has none. */
  readonly id: string;
}

/**
 * Reads server-sent events from the bytes of a stream, however they are cut. Holds one unfinished line and one
 * unfinished event at most, each of bounded size.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventStreamParser {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #line = '';
  #endedWithReturn = false;
  #name = '';
  #id = '';
  #data: string[] = [];
  #size = 0;

  /**
   * @returns the events that these bytes complete
   * @throws FeedProtocolError on bytes that are no UTF-8, and on lines and events that are too long
   */
  push(bytes: Uint8Array): ServerSentEvent[] {
    let text = this.#decode(bytes);
    if (text === '') return [];
    // A line end of two characters may come in two pieces.
    if (this.#endedWithReturn && text.startsWith('\n')) text = text.slice(1);
    this.#endedWithReturn = text.endsWith('\r');
    const lines = text.split(LINE_END);
    const rest = lines.pop() ?? '';
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      this.#extend(line);
      const event = this.#endLine();
      if (event !== null) events.push(event);
    }
    this.#extend(rest);
    return events;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes, { stream: true });
    } catch {
      throw new FeedProtocolError('the stream is not UTF-8');
    }
  }

  #extend(text: string): void {
    if (this.#line.length + text.length > MAX_LINE) throw new FeedProtocolError('a line is too long');
    this.#line += text;
  }

  #endLine(): ServerSentEvent | null {
    const line = this.#line;
    this.#line = '';
    if (line === '') return this.#endEvent();
    this.#size += line.length;
    if (this.#size > MAX_EVENT) throw new FeedProtocolError('an event is too long');
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    return null;
  }

  #endEvent(): ServerSentEvent | null {
    const event = { name: this.#name || 'message', data: this.#data.join('\n'), id: this.#id };
    const isEvent = this.#data.length > 0;
    this.#name = '';
    this.#id = '';
    this.#data = [];
    this.#size = 0;
    return isEvent ? event : null;
  }
}
