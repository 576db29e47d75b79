import { ScopeSet } from '@latchkey/contracts';

/**
 * What the authorization server says about the token that a request carries. Frozen; the token itself is not in it,
 * so that logging it gives nothing away.
 *
 * @typeParam Claims what {@link AccessToken.claims} holds: the type that the option `claims.parse` returns
 * @see RFC 7662 section 2.2
 */
export interface AccessToken<Claims extends object = Readonly<Record<string, unknown>>> {
  /** `sub`: the resource owner, or the client itself; `null` when the authorization server names nobody. */
  readonly subject: string | null;
  /** `null` when the authorization server does not name the client. */
  readonly clientId: string | null;
  readonly scopes: ScopeSet;
  /** `exp`, in milliseconds since the epoch; `null` when the authorization server does not tell. */
  readonly expiresAt: number | null;
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
  /**
   * What the authorization server lets the owner, or the client, do at all, whatever scopes the client asked for: roles of Keycloak
   * and Entra ID, permissions of Auth0. Where they are found, the option `claims.roles` says; empty without it.
   */
  readonly roles: readonly string[];
  /** True when a resource owner stands behind the token, false when a client acts on its own behalf. */
  readonly isOwnerToken: boolean;
  /** `acr`: what the login was worth (RFC 9470 section 6.2), when the authorization server tells. */
  readonly acr: string | null;
  /** `amr`: how the resource owner logged in (RFC 8176); empty when the authorization server does not tell. */
  readonly amr: readonly string[];
  /** `auth_time`: when the resource owner logged in, in milliseconds since the epoch, when the authorization server tells. */
  readonly authenticatedAt: number | null;
  /**
   * What the option `claims.parse` makes of all claims; without it all claims as the authorization server sends them. Not
   * enumerable: `JSON.stringify`, loggers and spreads leave it out.
   */
  readonly claims: Claims;
  /** `client_epoch`: a token whose epoch is lower than the client's is dead. `null` when the server has no such thing. */
  readonly clientEpoch: number | null;
  /** `user_epoch`, the same for the resource owner. */
  readonly ownerEpoch: number | null;
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
