import { Agent } from 'undici';

/** Far more than any server has keys, or words about itself; bytes. */
const MAX_RESPONSE_BYTES = 128 * 1024;

/** Gets what authorization servers publish about themselves. Follows no redirect, decompresses nothing, and reads a bounded text. */
export class JsonClient {
  readonly #agent: Agent;

  /** @param timeoutMs how long one request may take in all */
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
      // What a cache in between has kept may list keys that were revoked since.
      headers: { accept: 'application/json', 'cache-control': 'no-cache' },
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    return { status: statusCode, text: await body.text() };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
