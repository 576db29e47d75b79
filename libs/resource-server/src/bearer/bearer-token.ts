import { BearerError } from './bearer-error.js';

/** What Fastify's and Express's requests have in common, and where they differ both shapes. */
export interface HttpRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body?: unknown;
  url?: string;
  originalUrl?: string;
  rawHeaders?: readonly string[];
  raw?: { rawHeaders?: readonly string[]; url?: string };
}

const AUTHORIZATION = 'authorization';

/** `credentials` (RFC 6750 section 2.1), in one pass: it goes over every token of every request. */
const CREDENTIALS = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** What claims to be that, and is not. */
const BEARER = /^bearer(?: |$)/i;

/** Proxies join several headers with commas. */
const JOINED_HEADERS = /,\s*bearer\s/i;

/** Characters. A longer token cannot come from a sound authorization server and is not worth a question. */
const MAX_TOKEN_LENGTH = 8 * 1024;

/**
 * Finds the access token of a request. Only the Authorization header counts (RFC 6750 section 2.1): a token in the
 * query or in a form ends up in logs and histories, so there it is ignored, and refused beside a header.
 *
 * @returns `null` when the request carries no bearer credentials
 * @throws BearerError on malformed credentials, and on more than one
 */
export function extractBearerToken(request: HttpRequest): string | null {
  const header = authorizationHeader(request);
  if (header === null) return null;
  const token = CREDENTIALS.exec(header)?.[1];
  if (token === undefined) {
    if (JOINED_HEADERS.test(header)) throw severalCredentials();
    if (!BEARER.test(header)) return null;
  }
  if (hasParameterToken(request))
    throw BearerError.invalidRequest('The access token is sent in more than one way');
  if (token === undefined) throw BearerError.invalidToken('malformed');
  if (token.length > MAX_TOKEN_LENGTH) throw BearerError.invalidToken('too long');
  return token;
}

function severalCredentials(): BearerError {
  return BearerError.invalidRequest('The request has more than one set of credentials');
}

/** Node.js keeps the first of several Authorization headers and drops the rest; the raw list shows them all. */
function authorizationHeader(request: HttpRequest): string | null {
  const value = request.headers.authorization;
  if (value === undefined) return null;
  const raw = request.raw?.rawHeaders ?? request.rawHeaders ?? [];
  if (Array.isArray(value) || isRepeated(raw)) throw severalCredentials();
  return value;
}

/** @param rawHeaders names and values in turn */
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
  const url = request.originalUrl ?? request.raw?.url ?? request.url ?? '';
  const query = url.indexOf('?');
  if (query !== -1 && new URLSearchParams(url.slice(query + 1)).has('access_token')) return true;
  return hasFormToken(request);
}

function hasFormToken({ headers, body }: HttpRequest): boolean {
  const type = headers['content-type'];
  if (typeof type !== 'string' || !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return false;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'access_token');
}
