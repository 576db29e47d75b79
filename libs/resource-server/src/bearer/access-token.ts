import { ScopeSet } from '@latchkey/contracts';
import { judgementOf } from './judgement.js';

/**
 * What the authorization server says about the token that a request carries. Frozen; the token itself is not in it,
 * so that logging it gives nothing away.
 *
 * @see RFC 7662 section 2.2
 */
export interface AccessToken {
  /** `sub`: the resource owner, or the client itself; `null` when the authorization server names nobody. */
  readonly subject: string | null;
  readonly clientId: string;
  readonly scopes: ScopeSet;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** `iat`, in milliseconds since the epoch, when the authorization server tells. */
  readonly issuedAt: number | null;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** `jti`, when the authorization server tells. */
  readonly tokenId: string | null;
  /** `sid`: the authorization that all tokens of one login belong to, when the authorization server tells. */
  readonly sessionId: string | null;
  /** For display only: names change hands, {@link AccessToken.subject} does not. */
  readonly username: string | null;
  readonly groups: readonly string[];
  /** True when a resource owner stands behind the token, false when a client acts on its own behalf. */
  readonly isOwnerToken: boolean;
  /** `client_epoch`: a token whose epoch is lower than the client's is dead. `null` when the server has no such thing. */
  readonly clientEpoch: number | null;
  /** `user_epoch`, the same for the resource owner. */
  readonly ownerEpoch: number | null;
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

/** Whether our guard has judged this request: not yet in middleware, never on routes without a controller. */
export function isJudged(request: object): boolean {
  return judgementOf(request) !== undefined;
}

/**
 * An introspector of the application may answer against its type, and what is no token must not pass for one.
 *
 * @throws TypeError unless this is a token, or `null`
 */
export function assertIsToken(
  answer: Partial<AccessToken> | null | undefined,
): asserts answer is AccessToken | null {
  if (answer === null || answer?.scopes instanceof ScopeSet) return;
  throw new TypeError('The introspector answered with what is no access token');
}
