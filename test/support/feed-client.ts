import { FEED_VERSION_HEADER, type RevocationFeedEvents, type RevokedData } from '@latchkey/contracts';
import { Agent, request } from 'undici';
import { RESOURCE_SERVER } from './builders.js';
import { basic, type Credentials } from './http.js';
import type { Stack } from './stack.js';

interface FeedEvent {
  readonly id: string;
  readonly event: keyof RevocationFeedEvents;
  readonly data: Record<string, unknown>;
}

/** A listener of the revocation feed that keeps everything it is told, but for the heartbeats. */
export class FeedClient {
  readonly events: FeedEvent[] = [];
  readonly heartbeats: FeedEvent[] = [];
  readonly #changed = new Set<() => void>();
  #ended = false;

  private constructor(
    readonly headers: Readonly<Record<string, string | string[] | undefined>>,
    body: AsyncIterable<Buffer>,
    private readonly agent: Agent,
  ) {
    void this.#read(body);
  }

  /** @param version of the feed that it reads; `null` says none, as the first guards did */
  static open(
    stack: Stack,
    client: Credentials = RESOURCE_SERVER,
    version: number | null = null,
  ): Promise<FeedClient> {
    return FeedClient.openWith(stack, basic(client), {}, version);
  }

  /** Opens a stream with an `Authorization` header. */
  static async openWith(
    { issuer }: Pick<Stack, 'issuer'>,
    authorization: string,
    options: Agent.Options = {},
    version: number | null = null,
  ): Promise<FeedClient> {
    // A connection of its own, that no other request waits for when the stream is cut.
    const agent = new Agent(options);
    const { statusCode, headers, body } = await request(`${issuer}/oauth/revocations`, {
      headers: { authorization, ...(version !== null && { [FEED_VERSION_HEADER]: String(version) }) },
      dispatcher: agent,
    });
    if (statusCode === 200) return new FeedClient(headers, body, agent);
    const text = await body.text();
    await agent.destroy();
    throw new Error(`The feed answers ${statusCode}: ${text}`);
  }

  /** Opens a stream and waits until its snapshot is through. */
  static async live(stack: Stack, client?: Credentials, version?: number): Promise<FeedClient> {
    const feed = await FeedClient.open(stack, client, version);
    await feed.until(() => feed.named('live').length > 0);
    return feed;
  }

  named(event: FeedEvent['event']): FeedEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  /** What was revoked, in order; after `live` only. */
  get revoked(): RevokedData[] {
    const live = this.events.findIndex(({ event }) => event === 'live');
    return this.events
      .slice(live)
      .filter(({ event }) => event === 'revoked')
      .map(({ data }) => data as unknown as RevokedData);
  }

  get snapshot(): RevokedData[] {
    const live = this.events.findIndex(({ event }) => event === 'live');
    return this.events
      .slice(0, live)
      .filter(({ event }) => event === 'revoked')
      .map(({ data }) => data as unknown as RevokedData);
  }

  /** @throws Error when the stream ends before */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#ended) throw new Error(`The stream ended after ${JSON.stringify(this.events)}`);
      await this.#change();
    }
  }

  async ended(): Promise<void> {
    while (!this.#ended) await this.#change();
  }

  close(): void {
    void this.agent.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.add(resolve));
  }

  async #read(body: AsyncIterable<Buffer>): Promise<void> {
    let text = '';
    try {
      for await (const chunk of body) {
        text += chunk.toString();
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
      }
    } catch {
      // A stream that is cut has ended too.
    }
    this.#ended = true;
    this.#tell();
  }

  #take(block: string): void {
    const fields = Object.fromEntries(
      block
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
    );
    const data: unknown = JSON.parse(fields.data ?? '');
    const event = { ...fields, data } as unknown as FeedEvent;
    (event.event === 'heartbeat' ? this.heartbeats : this.events).push(event);
    this.#tell();
  }

  #tell(): void {
    for (const resolve of this.#changed) resolve();
    this.#changed.clear();
  }
}
