import type { ScopeSet } from '@latchkey/contracts';
import type { User } from '../users/user.js';
import type { Client } from '../clients/client.js';

/**
 * One resource owner's grant of scopes to one client: the family that all tokens of a login belong to. Times in
 * milliseconds since the epoch, by the database's clock.
 */
export interface Authorization {
  /** The `sid` of every token. */
  readonly id: string;
  readonly clientKey: number;
  /** The client's epoch, as read before the password was checked. */
  readonly clientEpoch: number;
  /** `null` for a client's own authorization. */
  readonly userKey: number | null;
  readonly userEpoch: number | null;
  /** What was granted; a later token may have less, never more. */
  readonly scope: ScopeSet;
  readonly audience: readonly string[];
  /** How the resource owner logged in (RFC 8176); empty for a client's own authorization. */
  readonly amr: readonly string[];
  /** Where the login came from. */
  readonly address: string | null;
  /** Sixteen random bytes that go into the MAC of its refresh tokens; `null` without refresh tokens. */
  readonly seed: Buffer | null;
  /** How often the refresh token was rotated: the generation of the one that is good now. */
  readonly generation: number;
  readonly createdAt: number;
  /** The last rotation; `null` before the first: a login is no rotation. */
  readonly rotatedAt: number | null;
  /** Where the last rotation was asked for: the end user's address where known, else the peer's. */
  readonly rotatedFrom: string | null;
  /** How often the token that the last rotation spent was presented again, where that is counted. */
  readonly retries: number;
  /** The absolute end; never extended. */
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

/** The part of an authorization that never changes but by its revocation, which is final. */
export type CachedAuthorization = Omit<
  Authorization,
  'generation' | 'rotatedAt' | 'rotatedFrom' | 'retries' | 'address'
>;

/** The same with the names that find its client and user in memory; `null` where there is none. */
export interface NamedAuthorization extends CachedAuthorization {
  readonly clientId: string | null;
  readonly ownerSub: string | null;
}

/** A live authorization as its owner sees it. */
export interface OwnedAuthorization extends Pick<
  Authorization,
  'id' | 'scope' | 'createdAt' | 'rotatedAt' | 'expiresAt' | 'address'
> {
  readonly clientId: string;
  readonly clientName: string;
}

/** The user of an authorization as tokens need it. */
export type AuthorizationOwner = Pick<
  User,
  'sub' | 'username' | 'groups' | 'allowedScope' | 'epoch' | 'enabled'
>;

/** The client of an authorization as tokens need it. */
export type AuthorizationClient = Pick<Client, 'clientId' | 'scope' | 'audience' | 'epoch' | 'enabled'>;

/** An authorization beside the present state of those it depends on. */
export interface AuthorizationState<A extends CachedAuthorization = Authorization> {
  readonly authorization: A;
  /** `null`: the client was deleted. */
  readonly client: AuthorizationClient | null;
  /** `null`: a client's own authorization, or the user was deleted. */
  readonly owner: AuthorizationOwner | null;
  /** The database's clock when this was read, or a little later. */
  readonly now: number;
}

/** A state that `liveAuthorization` found alive. */
export interface LiveAuthorization<
  A extends CachedAuthorization = Authorization,
> extends AuthorizationState<A> {
  readonly client: AuthorizationClient;
}

/** What of `scope` is still allowed for the client and for the owner. */
export function stillAllowed(
  scope: ScopeSet,
  { client, owner }: LiveAuthorization<CachedAuthorization>,
): ScopeSet {
  const allowed = scope.intersect(client.scope);
  const limit = owner?.allowedScope ?? null;
  return limit === null ? allowed : allowed.intersect(limit);
}
