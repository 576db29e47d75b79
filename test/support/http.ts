import { request, type Dispatcher } from 'undici';

/** A response that was read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly json: unknown;
}

export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

/** A form as names and values, as pairs where a name repeats, or as the raw body. */
export type Form = Readonly<Record<string, string>> | readonly (readonly [string, string])[] | string;

export async function send(url: string, options: Parameters<typeof request>[1] = {}): Promise<Answer> {
  const { statusCode, headers, body } = await request(url, options);
  const text = await body.text();
  return { status: statusCode, headers, text, json: parseJson(text) };
}

/** Posts a form, with HTTP Basic credentials unless `client` is `null`. */
export function postForm(
  url: string,
  form: Form,
  client: Credentials | null,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(client !== null && { authorization: basic(client) }),
      ...headers,
    },
    body: typeof form === 'string' ? form : new URLSearchParams(form as Record<string, string>).toString(),
  });
}

export function basic({ clientId, secret }: Credentials): string {
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');
  return rawBasic(`${encode(clientId)}:${encode(secret)}`);
}

/** HTTP Basic with exactly these bytes inside. */
export function rawBasic(content: string | Buffer): string {
  return `Basic ${Buffer.from(content as string).toString('base64')}`;
}

/** Sends JSON with a bearer token. */
export function api(
  method: Dispatcher.HttpMethod,
  url: string,
  token: string | null,
  body?: unknown,
): Promise<Answer> {
  return send(url, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
