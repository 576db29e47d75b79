import { FEED_VERSION, FEED_VERSION_HEADER } from '@latchkey/contracts';
import { Client, type Dispatcher } from 'undici';
import { basicCredentials } from '../introspection/client-credentials.js';
import { FeedProtocolError } from './feed-protocol.error.js';

export interface FeedEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long connecting and waiting for the first byte may take each, in milliseconds. */
  readonly timeoutMs: number;
}

export interface FeedConnection {
  /** When the request was sent, by `performance.now()`. */
  readonly requestedAt: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Asks for the stream over a connection of its own and hands it over while it lasts. Follows no redirect.
 *
 * @param signal ends the stream, and an attempt to get it
 * @throws FeedProtocolError when the answer is no stream; whatever the connection fails with
 */
export async function withFeed(
  endpoint: FeedEndpoint,
  signal: AbortSignal,
  use: (connection: FeedConnection) => Promise<void>,
): Promise<void> {
  const { origin, pathname, search } = new URL(endpoint.url);
  const client = new Client(origin, {
    connect: { timeout: endpoint.timeoutMs },
    headersTimeout: endpoint.timeoutMs,
    // Silence is judged by what the events say, not by the bytes.
    bodyTimeout: 0,
    pipelining: 1,
  });
  let requestedAt = performance.now();
  // The request is written once there is a connection, which may take a while longer than the answer.
  client.once('connect', () => (requestedAt = performance.now()));
  try {
    const response = await client.request({
      method: 'GET',
      path: pathname + search,
      headers: {
        accept: 'text/event-stream',
        authorization: basicCredentials(endpoint.clientId, endpoint.clientSecret),
        'cache-control': 'no-store',
        // A server that does not know it has version 1, which is read as well.
        [FEED_VERSION_HEADER]: String(FEED_VERSION),
      },
      signal,
    });
    assertStream(response);
    await use({ requestedAt, bytes: response.body as AsyncIterable<Uint8Array> });
  } finally {
    await client.destroy().catch(() => undefined);
  }
}

function assertStream({ statusCode, headers, body }: Dispatcher.ResponseData): void {
  const type = headers['content-type'];
  // Whatever follows is not read; without a listener its end would be an unhandled error.
  body.on('error', () => undefined);
  if (statusCode !== 200) throw new FeedProtocolError(`the endpoint answered ${statusCode}`);
  if (typeof type !== 'string' || !/^text\/event-stream\s*(;|$)/i.test(type)) {
    throw new FeedProtocolError('the endpoint did not answer with an event stream');
  }
}
