import sql, { type Sql } from 'sql-template-tag';
import type { AuthorizationState, CachedAuthorization, LiveAuthorization } from './authorization.js';

/**
 * `revoked`: on request; `expired`: its time is over; `ended`: its client or user was disabled or deleted, or all of
 * their authorizations were ended at once; `live`: none of these.
 */
export const AUTHORIZATION_STATES = ['live', 'revoked', 'expired', 'ended'] as const;

export type AuthorizationStateName = (typeof AUTHORIZATION_STATES)[number];

/**
 * The state of an authorization. It is live only if it is neither revoked nor expired, and its client and user exist,
 * are enabled and have the epochs of the login. {@link stateInSql} is the same rule in SQL.
 */
export function stateOf({
  authorization,
  client,
  owner,
  now,
}: AuthorizationState<CachedAuthorization>): AuthorizationStateName {
  const { revokedAt, expiresAt, clientEpoch, userKey, userEpoch } = authorization;
  if (revokedAt !== null) return 'revoked';
  if (expiresAt <= now) return 'expired';
  if (client === null || !client.enabled || client.epoch !== clientEpoch) return 'ended';
  if (userKey !== null && (owner === null || !owner.enabled || owner.epoch !== userEpoch)) return 'ended';
  return 'live';
}

/**
 * {@link stateOf} for the row `a` of the table, at the time `now`. Client and user are looked up by key, because
 * PostgreSQL would build a hash table of all of them for an EXISTS.
 */
export function stateInSql(now: Sql): Sql {
  return sql`CASE
    WHEN a.revoked_at IS NOT NULL THEN 'revoked'
    WHEN a.expires_at <= ${now} THEN 'expired'
    WHEN (SELECT epoch FROM clients of_state WHERE of_state.key = a.client_key AND of_state.disabled_by IS NULL)
      IS DISTINCT FROM a.client_epoch THEN 'ended'
    WHEN a.user_key IS NOT NULL
      AND (SELECT epoch FROM users of_state WHERE of_state.key = a.user_key AND of_state.disabled_by IS NULL)
      IS DISTINCT FROM a.user_epoch THEN 'ended'
    ELSE 'live' END`;
}

/** @returns the state when it is live, else `null` */
export function liveAuthorization<A extends CachedAuthorization>(
  state: AuthorizationState<A> | null,
): LiveAuthorization<A> | null {
  return state !== null && stateOf(state) === 'live' ? (state as LiveAuthorization<A>) : null;
}
