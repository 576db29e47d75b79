import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { visible } from '../output/visible.js';

/** Longer than any operation of a working server takes, in milliseconds. */
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
      // Redirects are never followed, because the credentials are for this server only.
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

/** A refusal of the administration API (RFC 9457) or of the token endpoint (RFC 6749 section 5.2). */
interface Refusal {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly problem: string }[];
  readonly error?: string;
  readonly error_description?: string;
}

/** The server refused the request, with a reason. */
export class RefusalError extends CliError {
  constructor(
    /** The reason in the words of the server. */
    readonly reason: string,
    /** Every wrong field. */
    readonly fields: readonly { readonly field: string; readonly problem: string }[],
    /** Of the answer. */
    readonly httpStatus: number,
    advice: string | null,
  ) {
    const lines = fields.map(({ field, problem }) => `\n  ${visible(`${field}: ${problem}`)}`);
    super(`The server refused: ${visible(reason)}${lines.join('')}`, statusOf(httpStatus), advice);
  }
}

/** Explains a refusal of the server, with one line per wrong field. */
export function explainRefusal(status: number, answer: unknown): RefusalError {
  const refusal = (typeof answer === 'object' && answer !== null ? answer : {}) as Refusal;
  const reason = refusal.detail ?? refusal.title ?? refusal.error_description ?? `it answered ${status}`;
  return new RefusalError(reason, refusal.errors ?? [], status, adviceOn(status));
}

export function unreachable(url: string, error: unknown): CliError {
  const { cause, message } = error as Error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : message;
  return new CliError(
    `${url} cannot be reached: ${reason}`,
    EXIT.unreachable,
    'See that the server runs and that LATCHKEY_URL, or the URL of the profile, is right.',
    { cause: error },
  );
}

function statusOf(status: number): ExitStatus {
  if (status === 401 || status === 403) return EXIT.unauthorized;
  return status === 503 ? EXIT.unreachable : EXIT.failed;
}

function adviceOn(status: number): string | null {
  switch (status) {
    case 401:
      return 'See that the client exists, is enabled, may use client_credentials, and that its secret is right.';
    case 403:
      return 'Act as a client that has the administrative scope for this.';
    case 412:
      return 'It was changed meanwhile. Look at it again, and repeat the command.';
    case 503:
      return 'The server is busy or starts; try again in a moment.';
    default:
      return null;
  }
}
