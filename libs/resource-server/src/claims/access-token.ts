import { ScopeSet } from '@latchkey/contracts';

/**
 * What the authorization server states about the token of a request. Frozen. It does not contain the token itself, so
 * it can be logged.
 *
 * @typeParam Claims the type of {@link AccessToken.claims}, which the option `claims.parse` returns
 * @see RFC 7662 section 2.2
 */
export interface AccessToken<Claims extends object = Readonly<Record<string, unknown>>> {
  /** `sub`: the resource owner, or the client itself; `null` without a subject. */
  readonly subject: string | null;
  /** `null` when the authorization server does not name the client. */
  readonly clientId: string | null;
  readonly scopes: ScopeSet;
  /** `exp`, in milliseconds since the epoch; `null` when the token has none. */
  readonly expiresAt: number | null;
  /** `iat`, in milliseconds since the epoch; `null` when the token has none. */
  readonly issuedAt: number | null;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** `jti`; `null` when the token has none. */
  readonly tokenId: string | null;
  /** `sid`: the authorization that all tokens of one login belong to; `null` when the token has none. */
  readonly sessionId: string | null;
  /** For display only: a name can pass to another user, {@link AccessToken.subject} cannot. */
  readonly username: string | null;
  readonly groups: readonly string[];
  /**
   * What the authorization server allows the owner or client in general, independent of the requested scopes: roles of
   * Keycloak and Entra ID, permissions of Auth0. The option `claims.roles` names their claims; empty without it.
   */
  readonly roles: readonly string[];
  /** True for a token of a resource owner, false when a client acts on its own behalf. */
  readonly isOwnerToken: boolean;
  /** `acr`: the authentication context class of the login (RFC 9470 section 6.2); `null` when the token has none. */
  readonly acr: string | null;
  /** `amr`: how the resource owner logged in (RFC 8176); empty when the token has none. */
  readonly amr: readonly string[];
  /** `auth_time`: when the owner logged in, in milliseconds since the epoch; `null` when the token has none. */
  readonly authenticatedAt: number | null;
  /**
   * What the option `claims.parse` returns for all claims; without it all claims as the authorization server sends
   * them. Not enumerable, so `JSON.stringify`, loggers and spreads leave it out.
   */
  readonly claims: Claims;
  /** `client_epoch`: a token with an epoch lower than the client's is revoked. `null` when the server has no epochs. */
  readonly clientEpoch: number | null;
  /** `user_epoch`, the same for the resource owner. */
  readonly ownerEpoch: number | null;
}

/**
 * Checks the result of an introspector of the application, which may violate its type: a value that is no token must
 * not be accepted.
 *
 * @throws TypeError unless this is a token, or `null`
 */
export function assertIsToken(
  answer: Partial<AccessToken> | null | undefined,
): asserts answer is AccessToken | null {
  if (answer === null || answer?.scopes instanceof ScopeSet) return;
  throw new TypeError('The introspector answered with what is no access token');
}
