import type { Statement, Transaction } from '@latchkey/platform/database';
import type { Examined } from '@latchkey/platform/http';
import type { Client } from '../clients/client.js';
import type {
  Authorization,
  AuthorizationState,
  OwnedAuthorization,
  RememberedAuthorization,
} from './authorization.js';

/** What a login or a client's own grant stores. */
export interface NewAuthorization extends Pick<
  Authorization,
  'clientKey' | 'clientEpoch' | 'userKey' | 'userEpoch' | 'scope' | 'audience' | 'address' | 'seed'
> {
  /** Seconds until the absolute end. */
  readonly lifetime: number;
}

export interface SurplusAuthorization {
  readonly sid: string;
  readonly clientId: string;
}

/** Seconds. */
export type RotationSettings = Pick<Client, 'refreshTokenGrace' | 'refreshTokenIdleTtl'>;

export abstract class AuthorizationRepository {
  /** @param sid a new id */
  abstract insertStatement(sid: string, authorization: NewAuthorization): Statement<Authorization>;

  /** Always from the database, never from a cache: the generation decides. */
  abstract find(sid: string): Promise<AuthorizationState | null>;

  /** From memory, until it is revoked. */
  abstract findLasting(sid: string): Promise<RememberedAuthorization | null>;

  /** @returns `null` when memory does not know the authorization, which may exist */
  abstract recallLasting(sid: string): RememberedAuthorization | null;

  /** Live authorizations of a resource owner, newest first, older than the id `before`. Dead ones, which may be many, are passed by. */
  abstract listLiveByOwner(
    sub: string,
    limit: number,
    before: string | null,
  ): Promise<Examined<OwnedAuthorization>>;

  /**
   * Raises the generation by one, if nothing that the decision rested on has changed since `authorization` was read.
   *
   * @param from the address that the request came from
   * @returns the time of the rotation by the database's clock; `null` when something changed and nothing was done
   */
  abstract rotate(authorization: Authorization, from: string): Promise<number | null>;

  /**
   * Counts a retry with the spent token, if nothing has changed since `authorization` was read and fewer than `max` were
   * counted.
   *
   * @returns false when nothing was done
   */
  abstract countRetry(authorization: Authorization, max: number): Promise<boolean>;

  /**
   * The same in one statement for who has read nothing: raises the generation where that is what `decideRefresh` would
   * decide, of an authorization that is alive, as are its client and user.
   *
   * @param generation the one that was presented
   * @returns the time of the rotation by the database's clock; `null` when something else is to be decided
   */
  abstract rotateIfDue(
    sid: string,
    generation: number,
    settings: RotationSettings,
    from: string,
  ): Promise<number | null>;

  /**
   * The oldest live authorizations of the same user, beyond the `max` that are to stay, of which the given one is one.
   * What is examined is bounded: the newest {@link MAX_EXAMINED} that the user has had.
   */
  abstract listSurplus(tx: Transaction, newest: Authorization, max: number): Promise<SurplusAuthorization[]>;

  /** Ends the authorization for good, and tells all servers. @returns false when it was revoked or gone before */
  abstract revoke(tx: Transaction, sid: string): Promise<boolean>;
}
