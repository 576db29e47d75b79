import type { Step } from '@latchkey/platform';
import type { Authorization, AuthorizationState, OwnedAuthorization } from './authorization.js';

/** What a login or a client's own grant stores. */
export interface NewAuthorization extends Pick<
  Authorization,
  'clientKey' | 'clientEpoch' | 'userKey' | 'userEpoch' | 'scope' | 'audience' | 'address' | 'seed'
> {
  /** Seconds until the absolute end. */
  readonly lifetime: number;
}

export abstract class AuthorizationRepository {
  abstract insert(authorization: NewAuthorization): Step<Authorization>;

  /** Always from the database, never from a cache: the generation decides. */
  abstract find(sid: string): Promise<AuthorizationState | null>;

  /** Live authorizations of a resource owner, newest first, older than the id `before`. */
  abstract listLiveByOwner(sub: string, limit: number, before: string | null): Promise<OwnedAuthorization[]>;

  /**
   * Raises the generation by one, if nothing that the decision rested on has changed since `authorization` was read.
   *
   * @returns the time of the rotation by the database's clock; `null` when something changed and nothing was done
   */
  abstract rotate(authorization: Authorization): Promise<number | null>;

  /** Ends the authorization for good. @returns false when it was revoked or gone before */
  abstract revoke(sid: string): Step<boolean>;
}
