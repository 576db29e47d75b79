import type { Examined } from '@latchkey/platform/http';
import type { Authorization } from './authorization.js';

/**
 * `revoked`: by somebody; `expired`: by time; `ended`: its client or user was disabled or deleted, or all of theirs were
 * ended at once; `live`: none of these.
 */
export const AUTHORIZATION_STATES = ['live', 'revoked', 'expired', 'ended'] as const;

export type AuthorizationStateName = (typeof AUTHORIZATION_STATES)[number];

/** An authorization as administrators see it: nothing of it helps to make a token. */
export interface ListedAuthorization extends Pick<
  Authorization,
  'id' | 'scope' | 'audience' | 'address' | 'createdAt' | 'rotatedAt' | 'expiresAt' | 'revokedAt'
> {
  /** `null`: a client's own authorization, or the user was deleted. */
  readonly sub: string | null;
  readonly username: string | null;
  /** `null`: the client was deleted. */
  readonly clientId: string | null;
  /** How often it can be refreshed yet; `null`: without a limit. */
  readonly refreshesLeft: number | null;
  readonly state: AuthorizationStateName;
}

export interface AuthorizationFilter {
  /** A `sub`. */
  readonly sub?: string | undefined;
  readonly clientId?: string | undefined;
  readonly state?: AuthorizationStateName | undefined;
  /** Also those of clients that act on their own behalf. */
  readonly withClientsOwn: boolean;
}

export abstract class AuthorizationListRepository {
  /** Newest first, older than the id `before`. */
  abstract list(
    filter: AuthorizationFilter,
    limit: number,
    before: string | null,
  ): Promise<Examined<ListedAuthorization>>;

  abstract find(id: string): Promise<ListedAuthorization | null>;
}
