import { FEED_VERSION, FEED_VERSION_HEADER } from '@latchkey/contracts';
import { Client, type Dispatcher } from 'undici';
import { basicCredentials } from '../introspection/client-credentials.js';
import { FeedProtocolError } from './feed-protocol.error.js';

export interface FeedEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Limit for connecting, and for waiting for the first byte, in milliseconds each. */
  readonly timeoutMs: number;
}

export interface FeedConnection {
  /** When the request was sent, by `performance.now()`. */
  readonly requestedAt: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Requests the stream over a separate connection, and passes it on while it is open. Follows no redirect.
 *
 * @param signal ends the stream, or the attempt to open it
 * @throws FeedProtocolError when the response is no stream; whatever error the connection fails with
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
    // The time-out depends on the events, not on the bytes.
    bodyTimeout: 0,
    pipelining: 1,
  });
  let requestedAt = performance.now();
  // The request is sent after connecting, which may take longer than the response.
  client.once('connect', () => (requestedAt = performance.now()));
  try {
    const response = await client.request({
      method: 'GET',
      path: pathname + search,
      headers: {
        accept: 'text/event-stream',
        authorization: basicCredentials(endpoint.clientId, endpoint.clientSecret),
        'cache-control': 'no-store',
        // A server that does not know this header sends version 1, which is supported too.
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
  // The body is not read any further; without a listener its error would be unhandled.
  body.on('error', () => undefined);
  if (statusCode !== 200) throw new FeedProtocolError(`the endpoint answered ${statusCode}`);
  if (typeof type !== 'string' || !/^text\/event-stream\s*(;|$)/i.test(type)) {
    throw new FeedProtocolError('the endpoint did not answer with an event stream');
  }
}
