import { Agent } from 'undici';

/** Far more bytes than the keys or metadata of any server. */
const MAX_RESPONSE_BYTES = 128 * 1024;

/** Fetches public documents of authorization servers, of bounded size, without redirects and decompression. */
export class JsonClient {
  readonly #agent: Agent;

  /** @param timeoutMs limit for a whole request */
  constructor(private readonly timeoutMs: number) {
    this.#agent = new Agent({
      connections: 1,
      maxResponseSize: MAX_RESPONSE_BYTES,
      connect: { timeout: timeoutMs },
    });
  }

  /** @throws whatever the connection fails with */
  async get(url: string): Promise<{ status: number; text: string }> {
    const { origin, pathname, search } = new URL(url);
    const { statusCode, body } = await this.#agent.request({
      origin,
      method: 'GET',
      path: pathname + search,
      // A cached response may contain keys that were revoked since.
      headers: { accept: 'application/json', 'cache-control': 'no-cache' },
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    return { status: statusCode, text: await body.text() };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
