import type { Socket } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './bearer-token.js';
import { asObject, carrierOf, type CallContext } from './carriers.js';
import { judgementOf } from './judgement.js';

/** Says where the token of a call is. See the option `requestOf`. */
export type RequestOf = (context: CallContext) => HttpRequest | null | undefined;

/** A connection of graphql-ws, which the driver puts where a request of HTTP would be. */
interface GraphqlConnection {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly extra?: { readonly request?: HttpRequest };
}

/** @returns whether this is a request of HTTP, of Node.js, Express or Fastify */
export function isHttpRequest(value: unknown): value is HttpRequest {
  return asObject((value as Partial<HttpRequest> | null | undefined)?.headers) !== null;
}

/**
 * The request that holds the token of a call that did not come by HTTP directly.
 *
 * @throws Error naming the handler where none is known
 */
export function requestOfCall(context: ExecutionContext, requestOf: RequestOf | null): HttpRequest {
  // Where the token of a socket is was said at its handshake.
  const isMessage = context.getType<string>() === 'ws';
  const request = (isMessage ? null : requestOf?.(context)) ?? builtIn(context);
  if (isHttpRequest(request)) return request;
  const place = `${context.getClass().name}.${context.getHandler().name}`;
  throw new Error(
    `${place} is not public, and it is not known where its token is in a call of the type "${context.getType<string>()}": mark it @Public(), or map its context with the option requestOf of ResourceServerModule`,
  );
}

/** What the arguments of `@RequireOwner()` and policies are called with: of the path, of the field, or of the message. */
export function parametersOf(context: ExecutionContext): unknown {
  switch (context.getType<string>()) {
    case 'graphql':
    case 'ws':
      return asObject(context.getArgByIndex(1));
    case 'rpc':
      return asObject(context.getArgByIndex(0));
    default:
      return null;
  }
}

/** The socket that a request came by; `null`: none is known. */
export function socketOf(request: HttpRequest): Socket | null {
  return asObject(request.raw?.socket ?? request.socket) as Socket | null;
}

function builtIn(context: CallContext): HttpRequest | null {
  const carrier = carrierOf(context);
  if (carrier === null) return null;
  switch (context.getType<string>()) {
    case 'ws':
      return judgementOf(carrier)?.request ?? null;
    case 'rpc':
      return { headers: textHeader(context.getArgByIndex(0)) };
    case 'graphql':
      return isHttpRequest(carrier) ? carrier : requestOfConnection(carrier);
    default:
      return null;
  }
}

/** Browsers cannot set headers of a socket: the token may stand in the parameters of the connection. */
function requestOfConnection({ connectionParams, extra }: GraphqlConnection): HttpRequest | null {
  const request = extra?.request;
  if (request === undefined) return null;
  const { Authorization, authorization = Authorization } = connectionParams ?? {};
  return withCredentials(request, authorization);
}

/** A message has its token in the member `authorization`, written as in the header. */
function textHeader(message: unknown): HttpRequest['headers'] {
  const { authorization } = (asObject(message) ?? {}) as { authorization?: unknown };
  return authorization === undefined ? {} : { authorization: asText(authorization) };
}

/**
 * The request as if these credentials stood in its header.
 *
 * @param credentials beside a header they are one set too many
 */
export function withCredentials(request: HttpRequest, credentials: unknown): HttpRequest {
  if (credentials === undefined) return request;
  const header = request.headers.authorization;
  const authorization =
    header === undefined ? asText(credentials) : [asText(credentials), ...[header].flat()];
  return {
    headers: { ...request.headers, authorization },
    url: request.raw?.url ?? request.url ?? '',
    socket: socketOf(request),
  };
}

/** What is no text is no token, and is refused as a malformed one. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : 'Bearer';
}
