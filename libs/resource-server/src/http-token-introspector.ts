import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type Dispatcher } from 'undici';
import type { AccessToken } from './access-token.js';
import { readIntrospectionResponse } from './introspection-response.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';
import { ResourceServerSettings } from './resource-server-settings.js';
import { TokenIntrospector } from './token-introspector.js';

/** Far more than any claims need; bytes. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** An authorization server that hangs must not collect a socket per waiting request. */
const MAX_CONNECTIONS = 64;

/**
 * Asks an RFC 7662 introspection endpoint over kept-alive connections. Follows no redirect and asks once: whatever is
 * not a plain 200 with a sound answer within the time-out is an {@link IntrospectionUnavailableError}.
 */
@Injectable()
export class HttpTokenIntrospector extends TokenIntrospector implements OnApplicationShutdown {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;

  constructor(private readonly settings: ResourceServerSettings) {
    super();
    const { introspectionEndpoint, clientId, clientSecret, timeoutMs } = settings;
    const { origin, pathname, search } = new URL(introspectionEndpoint);
    this.#pool = new Pool(origin, {
      connections: MAX_CONNECTIONS,
      maxResponseSize: MAX_RESPONSE_BYTES,
      connect: { timeout: timeoutMs },
    });
    this.#path = pathname + search;
    this.#timeoutMs = timeoutMs;
    this.#headers = {
      accept: 'application/json',
      authorization: basicCredentials(clientId, clientSecret),
      'content-type': 'application/x-www-form-urlencoded',
    };
  }

  async introspect(token: string): Promise<AccessToken | null> {
    const response = await this.#ask(token);
    return readIntrospectionResponse(response, this.settings, Date.now());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.destroy();
  }

  async #ask(token: string): Promise<unknown> {
    const { status, type, text } = await this.#post(formEncode({ token, token_type_hint: 'access_token' }));
    if (status !== 200)
      throw new IntrospectionUnavailableError(`the introspection endpoint answered ${status}`);
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      throw new IntrospectionUnavailableError('the introspection endpoint did not answer with JSON');
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Without the parser's message, which quotes what it read.
      throw new IntrospectionUnavailableError('the introspection endpoint answered with malformed JSON');
    }
  }

  async #post(body: string): Promise<{ status: number; type: string; text: string }> {
    // One signal for connecting, waiting and reading, so that a drip of bytes cannot stretch the total.
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const request = { method: 'POST', path: this.#path, headers: this.#headers, body, signal } as const;
      const response: Dispatcher.ResponseData = await this.#pool.request(request);
      const type = response.headers['content-type'];
      return {
        status: response.statusCode,
        type: typeof type === 'string' ? type : '',
        text: await response.body.text(),
      };
    } catch (error) {
      const reason = signal.aborted ? `no answer within ${this.#timeoutMs} ms` : describe(error);
      throw new IntrospectionUnavailableError(`the introspection endpoint cannot be reached: ${reason}`);
    }
  }
}

/** Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1). */
function basicCredentials(clientId: string, clientSecret: string): string {
  const [id, secret] = [clientId, clientSecret].map((value) => formEncode({ value }).slice('value='.length));
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

function formEncode(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString();
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
