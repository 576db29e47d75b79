import type { ListedAuthorization } from '../../authorizations/authorization-list-repository.js';
import { optionalTime, time } from '../common/times.js';

/** Who is logged in, through which client. Times are RFC 3339. Nothing of a token is in it. */
export interface AdminAuthorizationResponse {
  id: string;
  /** `null`: a client on its own behalf, or the user was deleted. */
  sub: string | null;
  username: string | null;
  /** `null`: the client was deleted. */
  client_id: string | null;
  scope: string;
  audience: readonly string[];
  created_at: string;
  /** The last login or refresh. */
  last_used_at: string;
  expires_at: string;
  revoked_at: string | null;
  /** `null`: without a limit. */
  refreshes_left: number | null;
  /** Where the login came from. */
  address: string | null;
  state: string;
}

export function toAdminAuthorizationResponse(listed: ListedAuthorization): AdminAuthorizationResponse {
  const { id, sub, username, clientId, scope, audience, createdAt, rotatedAt, address, state } = listed;
  return {
    id,
    sub,
    username,
    client_id: clientId,
    scope: scope.toString(),
    audience,
    created_at: time(createdAt),
    last_used_at: time(rotatedAt ?? createdAt),
    expires_at: time(listed.expiresAt),
    revoked_at: optionalTime(listed.revokedAt),
    refreshes_left: listed.refreshesLeft,
    address,
    state,
  };
}
