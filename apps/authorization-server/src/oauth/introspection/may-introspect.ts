import type { Client } from '../../clients/client.js';
import { OAuthError } from '../common/oauth-error.js';

/** Tokens are told about to resource servers only (RFC 7662 section 4). */
export function mayIntrospect(client: Client): boolean {
  return client.clientType === 'confidential' && client.mayIntrospect;
}

/** @throws OAuthError unauthorized_client, 403 */
export function assertMayIntrospect(client: Client): void {
  if (mayIntrospect(client)) return;
  throw OAuthError.unauthorizedClient('The client may not introspect tokens', 403);
}
