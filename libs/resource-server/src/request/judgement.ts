import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { EventEmitter } from 'node:events';
import { firstValueFrom, isObservable } from 'rxjs';
import type { AccessToken } from '../claims/access-token.js';
import { requireBearerToken, type HttpRequest } from './bearer-token.js';
import { carrierOf } from './carriers.js';
import { sharedSymbol } from './shared-symbol.js';

/** Goes on judging tokens, see `TokenWatch`. */
export interface TokenSignals {
  signalFor(bearer: string, token: AccessToken, lifetime: EventEmitter): AbortSignal;
  lookIfLate(): void;
}

/** What a guard of ours found about a request, a socket, or a message. */
export interface Judgement {
  /** `null`: the route is public, or the request was refused. */
  readonly token: AccessToken | null;
  /** Where the token stands. */
  readonly request: HttpRequest;
  readonly signals: TokenSignals;
  /** The response, of any platform, or the socket: when it closes, the token is of no interest any more. `null`: none is known. */
  readonly lifetime: unknown;
  /** Of a socket: judges its messages where Nest calls no global guard for them. */
  readonly guard?: CanActivate;
  /** Made when it is asked for. */
  signal?: AbortSignal;
}

/** A property instead of a WeakMap, whose entries cost the garbage collector more than all the rest of the guard. */
const JUDGEMENT = sharedSymbol('judgement');

/** On the context of one call, which all its guards share: the kinds of requirements that our guard has seen to. */
const PASSED = sharedSymbol('passed');

type Judged = Record<symbol, Judgement | undefined>;
type Passed = Record<symbol, ReadonlySet<string> | undefined>;

export function setJudgement(carrier: object, judgement: Judgement): void {
  (carrier as Judged)[JUDGEMENT] = judgement;
}

export function judgementOf(carrier: unknown): Judgement | undefined {
  return typeof carrier === 'object' && carrier !== null ? (carrier as Judged)[JUDGEMENT] : undefined;
}

/** @param kinds of requirements that were seen to before this call was let pass */
export function setPassed(context: ExecutionContext, kinds: ReadonlySet<string>): void {
  (context as unknown as Passed)[PASSED] = kinds;
}

/** The token of the call that a parameter decorator is asked for. */
export function tokenOfCall(context: ExecutionContext): AccessToken | null {
  return accessTokenOf(carrierOf(context) ?? {});
}

/**
 * The token of a request, for guards, interceptors and filters of the application; handlers use `@CurrentToken()`.
 *
 * @param request what `context.switchToHttp().getRequest()` returns; `req` of a GraphQL context; the client of a gateway; the context
 *   of a message
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
 * requests. Its reason is a `BearerError`. It never fires after the response has ended, or the socket has closed.
 *
 * @param request what {@link accessTokenOf} takes
 * @returns always the same for one request; `null` where {@link accessTokenOf} is
 * @throws Error when our guard has not judged the request yet; for messages of microservices, whose end is not known
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
 * @param kind of requirement; `null`: only that a guard of ours has let the call pass
 * @returns true where a guard of ours has let this call pass, and knows this kind of requirement; false where it refused a message
 * @throws Error naming the handler; to a client it is a failure of the server, which it is
 */
export function assertJudged(context: ExecutionContext, kind: string | null): boolean | Promise<boolean> {
  const kinds = (context as unknown as Passed)[PASSED];
  if (kinds !== undefined) return assertKnown(context, kinds, kind);
  const guard = judgementOf(carrierOf(context))?.guard;
  if (guard !== undefined) return judgeNow(guard, context, kind);
  throw new Error(`${placeOf(context, kind)}, and no guard has judged this call: ${adviceFor(context)}`);
}

/** Nest calls no global guard for gateways before Nest 12: the one that judged the socket is asked. */
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
