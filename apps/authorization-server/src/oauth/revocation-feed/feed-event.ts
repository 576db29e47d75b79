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

/**
 * The digests that replace names for listeners of version 2, under a key of this process. The last digest is cached,
 * because all streams send a change at the same time.
 */
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

/** Whether to send it to a listener with this `audience`: sessions are only reported to their resource servers. */
export function concerns(revocation: Revocation, audience: readonly string[]): boolean {
  if (revocation.kind !== 'authorization' || revocation.audience === null) return true;
  return revocation.audience.some((name) => audience.includes(name));
}

/** @param digests replace the names for listeners of version 2; `null`: version 1 */
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
