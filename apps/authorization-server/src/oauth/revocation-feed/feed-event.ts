import type { RevocationFeedEvents, RevokedData } from '@latchkey/contracts';
import type { Revocation } from '../../changes/change.js';

export type FeedEventName = keyof RevocationFeedEvents;

export const FEED_EVENT_NAMES: readonly FeedEventName[] = [
  'snapshot',
  'revoked',
  'live',
  'heartbeat',
  'reconnect',
];

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

export function toRevokedData(revocation: Revocation): RevokedData {
  const { at } = revocation;
  switch (revocation.kind) {
    case 'authorization':
      return { sid: revocation.sid, at };
    case 'user':
      return { sub: revocation.sub, epoch: revocation.epoch, at };
    case 'client':
      return { client_id: revocation.clientId, epoch: revocation.epoch, at };
  }
}
