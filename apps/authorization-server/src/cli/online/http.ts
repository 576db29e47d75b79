import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { unreachable } from './explain-answer.js';

/** No operation of a sound server takes this long, in milliseconds. */
const TIMEOUT_MS = 30_000;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; `null` where there is none. */
  readonly body: unknown;
}

/** @throws CliError when the server does not answer, or not with JSON */
export async function send(
  server: string,
  { method, path, headers, body }: HttpRequest,
): Promise<HttpAnswer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(server + path, {
      method,
      headers: { accept: 'application/json', ...headers },
      // Never followed: the credentials are for this server.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body }),
    });
    text = await response.text();
  } catch (error) {
    throw unreachable(server, error);
  }
  return { status: response.status, headers: response.headers, body: parse(text, response.status) };
}

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Posts a form as a client, with HTTP Basic (RFC 6749 section 2.3.1). */
export function postForm(
  server: string,
  path: string,
  form: Readonly<Record<string, string>>,
  client: ClientCredentials,
): Promise<HttpAnswer> {
  const credentials = [client.clientId, client.clientSecret].map(encodeURIComponent).join(':');
  return send(server, {
    method: 'POST',
    path,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(form).toString(),
  });
}

function parse(text: string, status: number): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(
      `The server answered ${status} with something that is no JSON`,
      EXIT.failed,
      'See that LATCHKEY_URL is the URL of a Latchkey authorization server.',
      { cause: error },
    );
  }
}
