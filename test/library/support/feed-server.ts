import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { RevocationFeedEvents, RevokedData } from '@latchkey/contracts';

interface Stream {
  readonly response: ServerResponse;
  count: number;
}

/** A revocation without its time, which is now. */
type Told<T = RevokedData> = T extends RevokedData ? Omit<T, 'at'> : never;

/** Stands in for the server's end of the revocation feed, and misbehaves on request. */
export class FeedServer {
  /** Authorization headers of the requests for a stream. */
  readonly asked: (string | undefined)[] = [];
  /** What the feed says of itself. */
  maxTokenLifetime = 300;
  heartbeatInterval = 100;
  /** How far the server's clock is ahead, in milliseconds. */
  clockOffset = 0;
  boot = randomUUID();
  /** Names the database; `null`: a server that does not say. */
  databaseId: string | null = randomUUID();

  readonly #streams = new Set<Stream>();
  readonly #waiting: (() => void)[] = [];
  #history: RevokedData[] = [];
  #refusal: ((response: ServerResponse) => void) | null = null;
  #heartbeats: NodeJS.Timeout | null = null;

  private constructor(private readonly server: Server) {}

  static async start(settings: Partial<FeedServer> = {}): Promise<FeedServer> {
    const server = createServer();
    const feed = new FeedServer(server);
    Object.assign(feed, settings);
    server.on('request', (request, response) => feed.#accept(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    feed.beat();
    return feed;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/revocations`;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Ends something: in the history, and on every stream unless it is to be missed. */
  revoke(told: Told, { isMissed = false } = {}): void {
    const data = { ...told, at: this.#now() };
    this.#history.push(data);
    if (isMissed) return;
    for (const stream of this.#streams) this.#send(stream, 'revoked', data);
  }

  /** Forgets what was revoked, as a server does after the longest life of a token. */
  forget(): void {
    this.#history = [];
  }

  /** Sends heartbeats again after {@link silence}. */
  beat(): void {
    this.#heartbeats ??= setInterval(() => this.heartbeat(), this.heartbeatInterval);
  }

  silence(): void {
    if (this.#heartbeats !== null) clearInterval(this.#heartbeats);
    this.#heartbeats = null;
  }

  heartbeat(now = this.#now()): void {
    for (const stream of this.#streams) this.#send(stream, 'heartbeat', { now });
  }

  /** Sends something on every stream as it is. */
  write(content: string | Buffer): void {
    for (const { response } of this.#streams) response.write(content);
  }

  /** Leaves an event out: its number is counted and nothing is sent. */
  skip(): void {
    for (const stream of this.#streams) stream.count++;
  }

  endStreams(): void {
    for (const stream of this.#streams) this.#send(stream, 'reconnect', {});
  }

  /** Breaks every stream. */
  cut(): void {
    for (const { response } of this.#streams) response.destroy();
  }

  /** Answers requests for a stream in another way; `null` ends it. */
  refuse(answer: ((response: ServerResponse) => void) | null): void {
    this.#refusal = answer;
  }

  /** Waits for the next stream. */
  connected(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.silence();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request.headers.authorization);
    if (this.#refusal !== null) return this.#refusal(response);
    const stream = { response, count: 0 };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.on('close', () => this.#streams.delete(stream));
    this.#streams.add(stream);
    this.#send(stream, 'snapshot', {
      now: this.#now(),
      max_token_lifetime: this.maxTokenLifetime,
      heartbeat_interval: this.heartbeatInterval,
      ...(this.databaseId !== null && { database_id: this.databaseId }),
    });
    for (const data of this.#history) this.#send(stream, 'revoked', data);
    this.#send(stream, 'live', { now: this.#now() });
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #send<E extends keyof RevocationFeedEvents>(stream: Stream, event: E, data: RevocationFeedEvents[E]): void {
    const id = `${this.boot}:${++stream.count}`;
    stream.response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #now(): number {
    return Date.now() + this.clockOffset;
  }
}
