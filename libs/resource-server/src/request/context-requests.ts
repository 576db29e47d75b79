import type { Socket } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './bearer-token.js';
import { asObject, carrierOf, type CallContext } from './carriers.js';
import { judgementOf } from './judgement.js';

/** Finds the request with the token of a call. See the option `requestOf`. */
export type RequestOf = (context: CallContext) => HttpRequest | null | undefined;

/** A connection of graphql-ws, which the driver passes in place of an HTTP request. */
interface GraphqlConnection {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly extra?: { readonly request?: HttpRequest };
}

/** @returns whether this is an HTTP request of Node.js, Express or Fastify */
export function isHttpRequest(value: unknown): value is HttpRequest {
  return asObject((value as Partial<HttpRequest> | null | undefined)?.headers) !== null;
}

/**
 * The request with the token of a call that is not itself an HTTP request.
 *
 * @throws Error naming the handler when no request is known
 */
export function requestOfCall(context: ExecutionContext, requestOf: RequestOf | null): HttpRequest {
  // For a socket, the handshake has determined where its token is.
  const isMessage = context.getType<string>() === 'ws';
  const request = (isMessage ? null : requestOf?.(context)) ?? builtIn(context);
  if (isHttpRequest(request)) return request;
  const place = `${context.getClass().name}.${context.getHandler().name}`;
  throw new Error(
    `${place} is not public, and it is not known where its token is in a call of the type "${context.getType<string>()}": mark it @Public(), or map its context with the option requestOf of ResourceServerModule`,
  );
}

/** The parameters for `@RequireOwner()` and policies: of the path, of the field, or of the message. */
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

/** The socket of a request; `null`: unknown. */
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

/** Browsers cannot set headers of a socket, so the token may be in the connection parameters. */
function requestOfConnection({ connectionParams, extra }: GraphqlConnection): HttpRequest | null {
  const request = extra?.request;
  if (request === undefined) return null;
  const { Authorization, authorization = Authorization } = connectionParams ?? {};
  return withCredentials(request, authorization);
}

/** A message has its token in the member `authorization`, in the form of the header. */
function textHeader(message: unknown): HttpRequest['headers'] {
  const { authorization } = (asObject(message) ?? {}) as { authorization?: unknown };
  return authorization === undefined ? {} : { authorization: asText(authorization) };
}

/**
 * The request as if its header contained these credentials.
 *
 * @param credentials if the request has a header too, both are several credentials, which are refused
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

/** Other values than text are refused as malformed tokens. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : 'Bearer';
}
