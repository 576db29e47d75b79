import type { Client } from '../../clients/client.js';
import { OAuthError } from '../common/oauth-error.js';

/**
 * Only resource servers may introspect tokens (RFC 7662 section 4).
 *
 * @throws OAuthError unauthorized_client, 403
 */
export function assertMayIntrospect({ clientType, mayIntrospect }: Client): void {
  if (clientType === 'confidential' && mayIntrospect) return;
  throw OAuthError.unauthorizedClient('The client may not introspect tokens', 403);
}
