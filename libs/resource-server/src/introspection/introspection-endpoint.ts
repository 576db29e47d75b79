import { Pool, type Dispatcher } from 'undici';
import { basicCredentials, formEncode } from './client-credentials.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';

/** Far more bytes than any claims need. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** Errors of an idle connection that the other side has closed. */
const BROKEN_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

interface EndpointSettings {
  readonly introspectionEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

interface RawAnswer {
  status: number;
  type: string;
  text: string;
}

/**
 * An RFC 7662 introspection endpoint over keep-alive connections. Follows no redirect. It sends each request once,
 * except when a keep-alive connection turns out to be closed: this shows nothing about the server, so the request is
 * sent once more.
 */
export class IntrospectionEndpoint {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;
  #connections = 0;

  constructor({
    introspectionEndpoint,
    clientId,
    clientSecret,
    timeoutMs,
    maxConnections,
  }: EndpointSettings) {
    const { origin, pathname, search } = new URL(introspectionEndpoint);
    this.#pool = new Pool(origin, {
      connections: maxConnections,
      maxResponseSize: MAX_RESPONSE_BYTES,
      connect: { timeout: timeoutMs },
    });
    this.#pool.on('connect', () => this.#connections++);
    this.#path = pathname + search;
    this.#timeoutMs = timeoutMs;
    this.#headers = {
      accept: 'application/json',
      authorization: basicCredentials(clientId, clientSecret),
      'content-type': 'application/x-www-form-urlencoded',
    };
  }

  /**
   * @returns the JSON of the response, whatever it contains
   * @throws IntrospectionUnavailableError for everything else than a 200 with JSON within the time-out
   */
  async ask(token: string): Promise<unknown> {
    const { status, type, text } = await this.#post(formEncode({ token, token_type_hint: 'access_token' }));
    if (status !== 200) {
      throw new IntrospectionUnavailableError(`the introspection endpoint answered ${status}`, {
        // 401 concerns our own credentials, 5xx the server; other statuses may concern the token. 429 comes from a
        // working server: opening the circuit would refuse valid tokens because of too many requests.
        outage: status >= 500 || status === 401,
      });
    }
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      throw new IntrospectionUnavailableError('the introspection endpoint did not answer with JSON');
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Without the parser's message, which quotes its input.
      throw new IntrospectionUnavailableError('the introspection endpoint answered with malformed JSON');
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #post(body: string): Promise<RawAnswer> {
    // One signal for connecting, waiting, reading and the second attempt, so that nothing extends the total time. Not
    // AbortSignal.timeout(), which fires and creates an error even when the answer has arrived long before.
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.#timeoutMs);
    const { signal } = timeout;
    try {
      const response = await this.#send({
        method: 'POST',
        path: this.#path,
        headers: this.#headers,
        body,
        signal,
      });
      const type = response.headers['content-type'];
      return {
        status: response.statusCode,
        type: typeof type === 'string' ? type : '',
        text: await response.body.text(),
      };
    } catch (error) {
      throw this.#unreachable(error, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(request: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    const connections = this.#connections;
    try {
      return await this.#pool.request(request);
    } catch (error) {
      // If no new connection was made, an existing one was closed.
      if (!isBrokenConnection(error) || this.#connections !== connections) throw error;
      return await this.#pool.request(request);
    }
  }

  #unreachable(error: unknown, signal: AbortSignal): IntrospectionUnavailableError {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const reason = typeof code === 'string' ? code : String(message);
    return new IntrospectionUnavailableError(
      `the introspection endpoint cannot be reached: ${signal.aborted ? `no answer within ${this.#timeoutMs} ms` : reason}`,
      // A response that is too large may concern the token only.
      { outage: code !== 'UND_ERR_RES_EXCEEDED_MAX_SIZE' },
    );
  }
}

function isBrokenConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && BROKEN_CONNECTION.has(code);
}
