import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { EventEmitter } from 'node:events';
import { firstValueFrom, isObservable } from 'rxjs';
import type { AccessToken } from '../claims/access-token.js';
import { requireBearerToken, type HttpRequest } from './bearer-token.js';
import { carrierOf } from './carriers.js';
import { sharedSymbol } from './shared-symbol.js';

/** Watches tokens, see `TokenWatch`. */
export interface TokenSignals {
  signalFor(bearer: string, token: AccessToken, lifetime: EventEmitter): AbortSignal;
  lookIfLate(): void;
}

/** The verdict of our guard on a request, a socket, or a message. */
export interface Judgement {
  /** `null`: the route is public, or the request was refused. */
  readonly token: AccessToken | null;
  /** The request with the token. */
  readonly request: HttpRequest;
  readonly signals: TokenSignals;
  /** The response, of any platform, or the socket: when it closes, the token is no longer watched. `null`: unknown. */
  readonly lifetime: unknown;
  /** For a socket: checks its messages if Nest calls no global guard for them. */
  readonly guard?: CanActivate;
  /** Created on first use. */
  signal?: AbortSignal;
}

/** A property and not a WeakMap, whose entries cost the garbage collector more than the rest of the guard. */
const JUDGEMENT = sharedSymbol('judgement');

/** In the context of one call, which all its guards share: the kinds of requirements that our guard has checked. */
const PASSED = sharedSymbol('passed');

type Judged = Record<symbol, Judgement | undefined>;
type Passed = Record<symbol, ReadonlySet<string> | undefined>;

export function setJudgement(carrier: object, judgement: Judgement): void {
  (carrier as Judged)[JUDGEMENT] = judgement;
}

export function judgementOf(carrier: unknown): Judgement | undefined {
  return typeof carrier === 'object' && carrier !== null ? (carrier as Judged)[JUDGEMENT] : undefined;
}

/** @param kinds of requirements that were checked before this call was admitted */
export function setPassed(context: ExecutionContext, kinds: ReadonlySet<string>): void {
  (context as unknown as Passed)[PASSED] = kinds;
}

/** The token of the call, for a parameter decorator. */
export function tokenOfCall(context: ExecutionContext): AccessToken | null {
  return accessTokenOf(carrierOf(context) ?? {});
}

/**
 * The token of a request, for guards, interceptors and filters of the application; handlers use `@CurrentToken()`.
 *
 * @param request what `context.switchToHttp().getRequest()` returns; `req` of a GraphQL context; the client of a
 *   gateway; the context of a message
 * @returns `null` on a public route, and in a filter when the token was refused
 * @throws Error when our guard has not checked the request yet: a guard of the application could otherwise mistake it
 *   for a public route and admit it. Use {@link isJudged} to test this
 */
export function accessTokenOf(request: object): AccessToken | null {
  const judgement = judgementOf(request);
  if (judgement === undefined) {
    throw new Error(
      'accessTokenOf(): no guard has judged this request yet. Guards run in the order of their modules: import ResourceServerModule before the module that provides this guard as APP_GUARD',
    );
  }
  return judgement.token;
}

/**
 * An `AbortSignal` for work that continues after the guard has admitted a request: streams, downloads, long
 * computations. It fires when the token is revoked or expires, or when neither feed nor introspection can confirm it
 * within the bound that applies to requests. Its reason is a `BearerError`. It never fires after the response has ended
 * or the socket has closed.
 *
 * @param request as for {@link accessTokenOf}
 * @returns always the same signal for one request; `null` when {@link accessTokenOf} returns `null`
 * @throws Error when our guard has not checked the request yet; for messages of microservices, whose end is unknown
 */
export function tokenSignalOf(request: object): AbortSignal | null {
  const token = accessTokenOf(request);
  const judgement = judgementOf(request);
  if (token === null || judgement === undefined) return null;
  const { signals, lifetime } = judgement;
  if (lifetime === null) throw new Error('tokenSignalOf(): it is not known when this call ends');
  return (judgement.signal ??= signals.signalFor(
    requireBearerToken(judgement.request),
    token,
    closing(lifetime),
  ));
}

/** Fastify's reply contains the response of Node.js; Express's is one. */
export function closing(response: unknown): EventEmitter {
  return ((response as { raw?: EventEmitter }).raw ?? response) as EventEmitter;
}

/** Whether our guard has checked this request. It has not in middleware, and never on routes without a controller. */
export function isJudged(request: object): boolean {
  return judgementOf(request) !== undefined;
}

/**
 * The last check of a requirement. It is bound to the route and needs no module.
 *
 * @param kind of requirement; `null`: only that one of our guards has admitted the call
 * @returns true when one of our guards has admitted this call and knows this kind of requirement; false when it refused
 *   a message
 * @throws Error naming the handler; clients get it as a server error
 */
export function assertJudged(context: ExecutionContext, kind: string | null): boolean | Promise<boolean> {
  const kinds = (context as unknown as Passed)[PASSED];
  if (kinds !== undefined) return assertKnown(context, kinds, kind);
  const guard = judgementOf(carrierOf(context))?.guard;
  if (guard !== undefined) return judgeNow(guard, context, kind);
  throw new Error(`${placeOf(context, kind)}, and no guard has judged this call: ${adviceFor(context)}`);
}

/** Before Nest 12, Nest calls no global guard for gateways: the guard that checked the socket is called. */
async function judgeNow(guard: CanActivate, context: ExecutionContext, kind: string | null) {
  const answer = guard.canActivate(context);
  if ((await (isObservable(answer) ? firstValueFrom(answer) : answer)) !== true) return false;
  return assertKnown(context, (context as unknown as Passed)[PASSED] ?? new Set(), kind);
}

function assertKnown(context: ExecutionContext, kinds: ReadonlySet<string>, kind: string | null): true {
  if (kind === null || kinds.has(kind)) return true;
  throw new Error(
    `${placeOf(context, kind)}, which the registered ResourceServerModule does not know: it is of another version of @latchkey/resource-server`,
  );
}

function placeOf(context: ExecutionContext, kind: string | null): string {
  const place = `${context.getClass().name}.${context.getHandler().name}`;
  return kind === null ? `${place} is not public` : `${place} requires "${kind}" of its tokens`;
}

function adviceFor(context: ExecutionContext): string {
  switch (context.getType<string>()) {
    case 'rpc':
      return 'register ResourceServerModule in the application, and connect microservices with { inheritAppConfig: true }';
    case 'ws':
      return 'register ResourceServerModule, and let SocketAuthenticator guard the WebSocket adapter';
    default:
      return 'register ResourceServerModule in the application';
  }
}
