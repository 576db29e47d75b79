import { randomUUID } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import { basic, type Answer, type Credentials } from './http.js';
import type { Route } from './routes.js';

/** In every canary; long enough that nothing else contains it, and a multiple of three bytes, so that base64 shows it. */
export const CANARY = 'kanari-4711-';

/** The name stays the same in base64 at the head of Basic credentials. */
export const CANARY_IN_BASE64 = Buffer.from(CANARY).toString('base64');

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** Where people put secrets: the names that our endpoints know. */
const SECRET_FIELDS = [
  'password',
  'current_password',
  'new_password',
  'client_secret',
  'secret',
  'token',
  'access_token',
  'refresh_token',
  'assertion',
];

/** Where people put something else than what belongs there, in a form of an OAuth endpoint. */
const FORM_FIELDS = [
  ...SECRET_FIELDS,
  'username',
  'client_id',
  'scope',
  'resource',
  'token_type_hint',
  'state',
];

const HEADERS = [
  'cookie',
  'x-request-id',
  'x-forwarded-for',
  'latchkey-device',
  'latchkey-forwarded-for',
  'last-event-id',
  'traceparent',
  'idempotency-key',
];

export interface Access {
  /** A client that authenticates as it should. */
  readonly client: Credentials;
  /** Good access tokens, of an owner and of an administrator. */
  readonly tokens: readonly string[];
}

type RequestOptions = Omit<Dispatcher.RequestOptions, 'path' | 'method' | 'origin'>;

/** Requests for one route with a canary in every place that a secret could come in. */
export function canaryRequests({ client, tokens }: Access): RequestOptions[] {
  const canary = (use: string) => `${CANARY}${use}`;
  const fields = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, canary(name)]));
  const form = (content: Record<string, string>) => new URLSearchParams(content).toString();
  const stranger = { clientId: canary('client'), secret: canary('secret') };
  const wrong = { clientId: client.clientId, secret: canary('wrong-secret') };
  const authorizations = [
    `Bearer ${canary('bearer')}`,
    `bearer ${CANARY} ${CANARY}`,
    canary('scheme'),
    `Negotiate ${CANARY_IN_BASE64}`,
    `Basic ${canary('not-base64')}`,
    basic(stranger),
    basic(wrong),
    basic(client),
    ...tokens.map((token) => `Bearer ${token}`),
  ];
  const grants = ['password', 'refresh_token', 'client_credentials', canary('grant')];
  const bodies = [
    ...grants.map((grant_type) => [FORM, form({ ...fields(FORM_FIELDS), grant_type })] as const),
    ...grants.map(
      (grant_type) =>
        [FORM, form({ ...fields(['username', 'password', 'refresh_token', 'token']), grant_type })] as const,
    ),
    [FORM, `password=${CANARY}&password=${CANARY}&%ZZ=${CANARY}`],
    [FORM, `${CANARY}=1&${CANARY}=2`],
    [JSON_TYPE, JSON.stringify(fields(SECRET_FIELDS))],
    [JSON_TYPE, JSON.stringify([canary('array')])],
    [JSON_TYPE, JSON.stringify(canary('string'))],
    [JSON_TYPE, `{"password": "${CANARY}`],
    [JSON_TYPE, JSON.stringify({ password: { $ne: canary('object') }, client_secret: [canary('list')] })],
    ['text/plain', canary('text')],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${CANARY}\r\n--x--\r\n`,
    ],
    [`${FORM}; charset=${CANARY}`, form(fields(SECRET_FIELDS))],
    [canary('type'), form(fields(SECRET_FIELDS))],
  ] as const;
  const headers = Object.fromEntries(HEADERS.map((name) => [name, canary(name)]));
  const query = Object.fromEntries(FORM_FIELDS.map((name) => [name, canary(name)]));
  return [
    ...authorizations.map((authorization) => ({ headers: { authorization } })),
    ...bodies.flatMap(([type, body]) =>
      [undefined, basic(client), ...tokens.map((token) => `Bearer ${token}`)].map((authorization) => ({
        headers: { 'content-type': type, ...(authorization !== undefined && { authorization }) },
        body,
      })),
    ),
    { headers },
    {
      headers: { ...headers, authorization: basic(client), 'content-type': FORM },
      body: form(fields(['token'])),
    },
    { query },
    ...tokens.map((token) => ({ query, headers: { authorization: `Bearer ${token}` } })),
  ];
}

/** Sends one of them; with an id of nobody where the route takes one. An endless answer is left after its head. */
export async function sendCanary(
  origin: string,
  { method, path }: Route,
  options: RequestOptions,
): Promise<Answer> {
  const url = origin + path.replaceAll(/:\w+/g, randomUUID()).replace('*', 'x');
  const bodyless = method === 'GET' || method === 'HEAD' || method === 'TRACE';
  const { body, ...rest } = options;
  const response = await request(url, { ...rest, method, ...(body !== undefined && !bodyless && { body }) });
  const { statusCode: status, headers } = response;
  if (String(headers['content-type']).startsWith('text/event-stream')) {
    response.body.on('error', () => undefined).destroy();
    return { status, headers, text: '', json: undefined };
  }
  const text = await response.body.text();
  return { status, headers, text, json: undefined };
}
