import type { OwnedAuthorization } from '../authorizations/authorization.js';

/** One login of the owner. Times are RFC 3339. */
export interface AuthorizationResponse {
  id: string;
  client_id: string;
  client_name: string;
  scope: string;
  created_at: string;
  /** The last refresh; `null` before the first. */
  refreshed_at: string | null;
  expires_at: string;
  /** Where the login came from. */
  address: string | null;
  /** Whether the token of this request belongs to it. */
  current: boolean;
}

export function toAuthorizationResponse(
  authorization: OwnedAuthorization,
  currentId: string | null,
): AuthorizationResponse {
  const { id, clientId, clientName, scope, createdAt, rotatedAt, expiresAt, address } = authorization;
  return {
    id,
    client_id: clientId,
    client_name: clientName,
    scope: scope.toString(),
    created_at: new Date(createdAt).toISOString(),
    refreshed_at: rotatedAt === null ? null : new Date(rotatedAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    address,
    current: id === currentId,
  };
}
