import { parseAddress } from '@latchkey/platform/http';
import type { Client } from '../../../clients/client.js';
import { loginFlow, type LoginSource } from '../../../throttling/login-source.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { RequestContext } from '../../common/request-context.js';

/**
 * The end user's address where a trusted client forwards one, else the peer's. For what is written down and compared; a
 * forwarded text that is no address says nothing.
 */
export function requestAddress(client: Client, { forwardedFor, address }: RequestContext): string {
  const told = client.forwardsEndUserAddress ? forwardedFor : null;
  return (told === null ? null : parseAddress(told)) ?? address;
}

/**
 * Where a login comes from. The peer is the client, so the end user's address is known only from a client that is
 * trusted to forward it; from any other one the header changes nothing.
 *
 * @throws OAuthError invalid_request when a trusted client forwards something that is no address
 */
export function loginSource(
  client: Client,
  { address: peer, forwardedFor, device }: RequestContext,
): LoginSource {
  const told = client.forwardsEndUserAddress ? forwardedFor : null;
  if (told === null) return { address: null, device, flow: loginFlow(client.clientId, null, peer) };
  const address = parseAddress(told);
  if (address === null) throw OAuthError.invalidRequest('Latchkey-Forwarded-For is not an address');
  return { address, device, flow: loginFlow(client.clientId, address, peer) };
}
