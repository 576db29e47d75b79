import { randomBytes } from 'node:crypto';
import { feedDigest, type RevocationFeedEvents, type RevokedData } from '@latchkey/contracts';
import type { Revocation } from '../../changes/change.js';

export type FeedEventName = keyof RevocationFeedEvents;

export const FEED_EVENT_NAMES: readonly FeedEventName[] = [
  'snapshot',
  'revoked',
  'live',
  'heartbeat',
  'reconnect',
];

/** Names as listeners of version 2 know them, under a key of this run of the server. All streams are told of a change at once. */
export class FeedDigests {
  readonly key = randomBytes(32).toString('base64url');
  #name = '';
  #digest = '';

  of(name: string): string {
    if (name !== this.#name) {
      this.#digest = feedDigest(this.key, name);
      this.#name = name;
    }
    return this.#digest;
  }
}

/** A server-sent event; JSON has no line breaks of its own. */
export function formatFeedEvent<E extends FeedEventName>(
  id: string,
  event: E,
  data: RevocationFeedEvents[E],
): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Whether a listener that is one of the `audience` needs to hear of it: who a session was for is nobody else's business. */
export function concerns(revocation: Revocation, audience: readonly string[]): boolean {
  if (revocation.kind !== 'authorization' || revocation.audience === null) return true;
  return revocation.audience.some((name) => audience.includes(name));
}

/** @param digests by which listeners of version 2 know names; `null`: version 1 */
export function toRevokedData(revocation: Revocation, digests: FeedDigests | null): RevokedData {
  const { at } = revocation;
  const call = (name: string): string => digests?.of(name) ?? name;
  switch (revocation.kind) {
    case 'authorization':
      return digests === null || revocation.clientId === null
        ? { sid: revocation.sid, at }
        : { sid: revocation.sid, client_id: call(revocation.clientId), at };
    case 'user':
      return { sub: call(revocation.sub), epoch: revocation.epoch, at };
    case 'client':
      return { client_id: call(revocation.clientId), epoch: revocation.epoch, at };
  }
}
