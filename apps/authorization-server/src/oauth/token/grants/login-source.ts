import { parseAddress } from '@latchkey/platform';
import type { Client } from '../../../clients/client.js';
import type { LoginSource } from '../../../protection/login-source.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { RequestContext } from '../../common/request-context.js';

/**
 * Where a login comes from. The peer is the client, so the end user's address is known only from a client that is
 * trusted to forward it; from any other one the header changes nothing.
 *
 * @throws OAuthError invalid_request when a trusted client forwards something that is no address
 */
export function loginSource(client: Client, { forwardedFor, device }: RequestContext): LoginSource {
  const told = client.forwardsEndUserAddress ? forwardedFor : null;
  if (told === null) return { address: null, device };
  const address = parseAddress(told);
  if (address === null) throw OAuthError.invalidRequest('Latchkey-Forwarded-For is not an address');
  return { address, device };
}
