import { networkOf } from '@latchkey/platform/http';
import type { Flow } from '../passwords/fair-queue.js';

/** Where a login attempt comes from, as far as it is known. */
export interface LoginSource {
  /** The end user's address, from a client that is trusted to forward it; `null` when it is unknown. */
  readonly address: string | null;
  /** The device value that an earlier login returned; `null` without. */
  readonly device: string | null;
  /** The flow in the hash queue that the attempt belongs to. */
  readonly flow: Flow;
}

/** @param peer address of the request's connection, used when the client does not forward the end user's address */
export function loginFlow(clientId: string, address: string | null, peer: string): Flow {
  const source = address ?? peer;
  return { client: `client ${clientId}`, source: networkOf(source) ?? source };
}
