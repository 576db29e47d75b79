import { networkOf } from '@latchkey/platform/http';
import type { Flow } from '../passwords/fair-queue.js';

/** Where a login attempt comes from, as far as anybody knows. */
export interface LoginSource {
  /** The end user's address, said by a client that may say so; `null` when nobody knows it. */
  readonly address: string | null;
  /** What an earlier login on the same device returned; `null` without. */
  readonly device: string | null;
  /** Whose share of the threads that compare passwords it takes. */
  readonly flow: Flow;
}

/** @param peer of the request: all that is known where the client does not say the end user's address */
export function loginFlow(clientId: string, address: string | null, peer: string): Flow {
  const source = address ?? peer;
  return { client: `client ${clientId}`, source: networkOf(source) ?? source };
}
