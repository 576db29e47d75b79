import { MAX_ACCESS_TOKEN_LENGTH } from '@latchkey/contracts';
import { Refusal } from '../refusals/refusal.js';
import { BearerError } from '../refusals/bearer-error.js';

/** The properties of Node.js's request that are used, and those that frameworks add when they change its URL. */
interface NodeRequest {
  url?: string;
  originalUrl?: string;
  rawHeaders?: readonly string[];
  socket?: unknown;
}

/** The common properties of Fastify's and Express's requests, and both forms where they differ. */
export interface HttpRequest extends NodeRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body?: unknown;
  /** Only written, and only if the application configures it. */
  user?: unknown;
  raw?: NodeRequest;
}

const AUTHORIZATION = 'authorization';

/** The usual spelling, which is compared without a regular expression. */
const USUAL_SCHEME = 'Bearer ';

/** `Bearer` in any case, with the spaces after it (RFC 6750 section 2.1, RFC 9110 section 11.1). */
const SCHEME = /^bearer(?: +|$)/i;

/** `b64token` (RFC 6750 section 2.1). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Proxies join several headers with commas. */
const JOINED_HEADERS = /,\s*bearer\s/i;

/**
 * Finds the access token of a request. Only the Authorization header counts (RFC 6750 section 2.1). A token in the
 * query or in a form ends up in logs and histories: there it is ignored, and refused beside a header.
 *
 * The syntax of the token is not checked here: that takes as long as its digest, and cached tokens were checked before.
 * {@link assertBearerToken} checks it.
 *
 * @returns the text after the scheme; `null` when the request has no bearer credentials
 * @throws BearerError on more than one set of credentials
 */
export function extractBearerToken(request: HttpRequest): string | null {
  const header = authorizationHeader(request);
  if (header === null) return null;
  const token = bearerCredentials(header);
  if (token !== null && hasParameterToken(request)) {
    throw BearerError.invalidRequest(
      'The access token is sent in more than one way',
      new Refusal('several_tokens'),
    );
  }
  return token;
}

/**
 * The same for a request that must have a token.
 *
 * @throws BearerError also when there is none
 */
export function requireBearerToken(request: HttpRequest): string {
  const bearer = extractBearerToken(request);
  if (bearer === null) throw BearerError.missingToken();
  return bearer;
}

/**
 * Refuses a text that cannot be a token, without a look-up.
 *
 * @throws BearerError unless this may be one
 */
export function assertBearerToken(text: string): void {
  if (!TOKEN.test(text)) {
    throw JOINED_HEADERS.test(text)
      ? severalCredentials()
      : BearerError.invalidToken(new Refusal('malformed'));
  }
  // No supported authorization server issues longer tokens.
  if (text.length > MAX_ACCESS_TOKEN_LENGTH) throw BearerError.invalidToken(new Refusal('too_long'));
}

function bearerCredentials(header: string): string | null {
  if (header.startsWith(USUAL_SCHEME) && header[USUAL_SCHEME.length] !== ' ') {
    return header.slice(USUAL_SCHEME.length);
  }
  const scheme = SCHEME.exec(header)?.[0];
  if (scheme !== undefined) return header.slice(scheme.length);
  if (JOINED_HEADERS.test(header)) throw severalCredentials();
  return null;
}

function severalCredentials(): BearerError {
  return BearerError.invalidRequest(
    'The request has more than one set of credentials',
    new Refusal('several_tokens'),
  );
}

/** Node.js keeps the first of several Authorization headers and drops the others; the raw list contains all of them. */
function authorizationHeader(request: HttpRequest): string | null {
  const value = request.headers.authorization;
  if (value === undefined) return null;
  const raw = request.raw?.rawHeaders ?? request.rawHeaders ?? [];
  // In GraphQL connections it may have any type.
  if (typeof value !== 'string' || isRepeated(raw)) throw severalCredentials();
  return value;
}

/** @param rawHeaders alternating names and values */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let isFound = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== AUTHORIZATION.length || name.toLowerCase() !== AUTHORIZATION) continue;
    if (isFound) return true;
    isFound = true;
  }
  return false;
}

function hasParameterToken(request: HttpRequest): boolean {
  // Node.js's request first: Fastify's own `originalUrl` is the same, but reading it writes it into the request.
  const { raw } = request;
  const url = raw?.originalUrl ?? raw?.url ?? request.originalUrl ?? request.url ?? '';
  const query = url.indexOf('?');
  if (query !== -1 && new URLSearchParams(url.slice(query + 1)).has('access_token')) return true;
  return hasFormToken(request);
}

function hasFormToken({ headers, body }: HttpRequest): boolean {
  const type = headers['content-type'];
  if (typeof type !== 'string' || !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return false;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'access_token');
}
