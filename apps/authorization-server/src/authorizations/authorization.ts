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
  /** How often the refresh token was rotated, which is the generation of the current refresh token. */
  readonly generation: number;
  readonly createdAt: number;
  /** The last rotation; `null` before the first. The login is no rotation. */
  readonly rotatedAt: number | null;
  /** Where the last rotation was asked for: the end user's address where known, else the peer's. */
  readonly rotatedFrom: string | null;
  /** How often the token that the last rotation spent was presented again, where retries are counted. */
  readonly retries: number;
  /** The absolute end; never extended. */
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

/** The part of an authorization that changes only by its revocation, which is final. */
export type CachedAuthorization = Omit<
  Authorization,
  'generation' | 'rotatedAt' | 'rotatedFrom' | 'retries' | 'address'
>;

/** The same with the names under which its client and user are cached; `null` where there is none. */
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

/** The part of a user that tokens need. */
export type AuthorizationOwner = Pick<
  User,
  'sub' | 'username' | 'groups' | 'allowedScope' | 'epoch' | 'enabled'
>;

/** The part of a client that tokens need. */
type AuthorizationClient = Pick<Client, 'clientId' | 'scope' | 'audience' | 'epoch' | 'enabled'>;

/** An authorization with the current state of its client and owner. */
export interface AuthorizationState<A extends CachedAuthorization = Authorization> {
  readonly authorization: A;
  /** `null`: the client was deleted. */
  readonly client: AuthorizationClient | null;
  /** `null`: a client's own authorization, or the user was deleted. */
  readonly owner: AuthorizationOwner | null;
  /** The database's clock at the time of the read, or slightly later. */
  readonly now: number;
}

/** A state that `liveAuthorization` found alive. */
export interface LiveAuthorization<
  A extends CachedAuthorization = Authorization,
> extends AuthorizationState<A> {
  readonly client: AuthorizationClient;
}

/** The part of `scope` that client and owner may still have. */
export function stillAllowed(
  scope: ScopeSet,
  { client, owner }: LiveAuthorization<CachedAuthorization>,
): ScopeSet {
  const allowed = scope.intersect(client.scope);
  const limit = owner?.allowedScope ?? null;
  return limit === null ? allowed : allowed.intersect(limit);
}
