import { parseAddress } from '@latchkey/platform/http';
import type { Client } from '../../../clients/client.js';
import { loginFlow, type LoginSource } from '../../../throttling/login-source.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { RequestContext } from '../../common/request-context.js';

/**
 * The end user's address if a trusted client forwards one, else the peer's. For records and comparisons; a forwarded
 * text that is no address is ignored.
 */
export function requestAddress(client: Client, { forwardedFor, address }: RequestContext): string {
  const forwarded = client.forwardsEndUserAddress ? forwardedFor : null;
  return (forwarded === null ? null : parseAddress(forwarded)) ?? address;
}

/**
 * The source of a login. The peer is the client, so the end user's address is known only if the client is trusted to
 * forward it; from other clients the header is ignored.
 *
 * @throws OAuthError invalid_request when a trusted client forwards something that is no address
 */
export function loginSource(
  client: Client,
  { address: peer, forwardedFor, device }: RequestContext,
): LoginSource {
  const forwarded = client.forwardsEndUserAddress ? forwardedFor : null;
  if (forwarded === null) return { address: null, device, flow: loginFlow(client.clientId, null, peer) };
  const address = parseAddress(forwarded);
  if (address === null) throw OAuthError.invalidRequest('Latchkey-Forwarded-For is not an address');
  return { address, device, flow: loginFlow(client.clientId, address, peer) };
}
