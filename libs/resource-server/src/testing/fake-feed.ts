import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { RevocationFeedEvents, RevokedAuthorizationData } from '@latchkey/contracts';

const HEARTBEAT_MS = 500;

interface Stream {
  readonly response: ServerResponse;
  count: number;
}

/** The server side of a revocation feed: sends the sessions that have ended, now and before. */
export class FakeFeed {
  readonly #boot = randomUUID();
  readonly #databaseId = randomUUID();
  readonly #streams = new Set<Stream>();
  readonly #ended: RevokedAuthorizationData[] = [];
  readonly #heartbeats = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();

  accept(response: ServerResponse): void {
    const stream = { response, count: 0 };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.on('close', () => this.#streams.delete(stream));
    this.#streams.add(stream);
    this.#send(stream, 'snapshot', {
      now: Date.now(),
      max_token_lifetime: 3600,
      heartbeat_interval: HEARTBEAT_MS,
      database_id: this.#databaseId,
    });
    for (const data of this.#ended) this.#send(stream, 'revoked', data);
    this.#send(stream, 'live', { now: Date.now() });
  }

  end(sessionId: string): void {
    const data = { sid: sessionId, at: Date.now() };
    this.#ended.push(data);
    for (const stream of this.#streams) this.#send(stream, 'revoked', data);
  }

  stop(): void {
    clearInterval(this.#heartbeats);
  }

  #beat(): void {
    for (const stream of this.#streams) this.#send(stream, 'heartbeat', { now: Date.now() });
  }

  #send<E extends keyof RevocationFeedEvents>(stream: Stream, event: E, data: RevocationFeedEvents[E]): void {
    const id = `${this.#boot}:${++stream.count}`;
    stream.response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
