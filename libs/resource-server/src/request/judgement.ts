import type { ExecutionContext } from '@nestjs/common';
import type { EventEmitter } from 'node:events';
import type { AccessToken } from '../claims/access-token.js';
import { requireBearerToken, type HttpRequest } from './bearer-token.js';

/** Goes on judging tokens, see `TokenWatch`. */
export interface TokenSignals {
  signalFor(bearer: string, token: AccessToken, lifetime: EventEmitter): AbortSignal;
}

/** What a guard of ours found about a request. */
export interface Judgement {
  /** `null`: the route is public, or the request was refused. */
  readonly token: AccessToken | null;
  /** For whom it passed; `null` when it was refused. */
  readonly route: { readonly controller: object; readonly handler: object } | null;
  /** The kinds of requirements that the guard sees to. */
  readonly kinds: ReadonlySet<string>;
  readonly signals: TokenSignals;
  /** The response, of any platform, or the socket: when it closes, the token is of no interest any more. */
  readonly lifetime: unknown;
  /** Made when it is asked for. */
  signal?: AbortSignal;
}

/** A property instead of a WeakMap, whose entries cost the garbage collector more than all the rest of the guard. */
const JUDGEMENT = sharedSymbol('judgement');

type JudgedRequest = Record<symbol, Judgement | undefined>;

/**
 * An application may have several copies of this package, each with symbols of its own; what one copy writes on a route or a
 * request, the guard of another must find. What is stored on a route is therefore plain data: an object of one copy's class
 * is none of the other's.
 */
export function sharedSymbol(name: string): symbol {
  return Symbol.for(`@latchkey/resource-server:${name}`);
}

export function setJudgement(request: object, judgement: Judgement): void {
  (request as JudgedRequest)[JUDGEMENT] = judgement;
}

function judgementOf(request: unknown): Judgement | undefined {
  return typeof request === 'object' && request !== null ? (request as JudgedRequest)[JUDGEMENT] : undefined;
}

/**
 * The token of a request, for guards, interceptors and filters of the application; handlers use `@CurrentToken()`.
 *
 * @param request what `context.switchToHttp().getRequest()` returns
 * @returns `null` on a public route, and to a filter when the token was refused
 * @throws Error when our guard has not judged the request yet: a guard of the application that took this for a public route
 *   would let everybody in. {@link isJudged} asks first
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
 * An `AbortSignal` for what goes on after the guard let a request pass: streams, downloads, long computations. It fires when
 * the token is revoked or expires, or when neither feed nor introspection can vouch for it within the bound that holds for
 * requests. Its reason is a `BearerError`. It never fires after the response has ended.
 *
 * @param request what `context.switchToHttp().getRequest()` returns
 * @returns always the same for one request; `null` where {@link accessTokenOf} is
 * @throws Error when our guard has not judged the request yet
 */
export function tokenSignalOf(request: object): AbortSignal | null {
  const token = accessTokenOf(request);
  const judgement = judgementOf(request);
  if (token === null || judgement === undefined) return null;
  const { signals, lifetime } = judgement;
  return (judgement.signal ??= signals.signalFor(
    requireBearerToken(request as HttpRequest),
    token,
    closing(lifetime),
  ));
}

/** Fastify's reply has the response of Node.js in it; Express's is one. */
export function closing(response: unknown): EventEmitter {
  return ((response as { raw?: EventEmitter }).raw ?? response) as EventEmitter;
}

/** Whether our guard has judged this request: not yet in middleware, never on routes without a controller. */
export function isJudged(request: object): boolean {
  return judgementOf(request) !== undefined;
}

/**
 * The last line of defence of a requirement, which is bound to its route and needs nothing from any module.
 *
 * @returns true where a guard of ours has let this request pass to this handler, and knows this kind of requirement
 * @throws Error naming the handler; to a client it is a failure of the server, which it is
 */
export function assertJudged(context: ExecutionContext, kind: string): true {
  const judgement = judgementOf(context.getArgByIndex(0));
  const [controller, handler] = [context.getClass(), context.getHandler()];
  const place = `${controller.name}.${handler.name} requires "${kind}" of its tokens`;
  if (judgement?.route?.handler !== handler || judgement.route.controller !== controller) {
    throw new Error(
      `${place}, and no guard has judged this request: register ResourceServerModule in the application. It judges HTTP requests only, not messages`,
    );
  }
  if (!judgement.kinds.has(kind)) {
    throw new Error(
      `${place}, which the registered ResourceServerModule does not know: it is of another version of @latchkey/resource-server`,
    );
  }
  return true;
}
