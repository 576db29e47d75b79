import { createHmac } from 'node:crypto';

/** The request header with the version of the feed that a listener reads; without it, version 1. */
export const FEED_VERSION_HEADER = 'latchkey-feed-version';

/**
 * Version 2 names the client of an ended session, and replaces the names of owners and clients by digests. Version 1
 * uses plain names.
 */
export const FEED_VERSION = 2;

/** 128 bits, in base64url. */
const DIGEST_LENGTH = 22;

/** The digest of a `sub` or `client_id` in version 2 of the feed, for listeners that know the name. */
export function feedDigest(key: string, name: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64url'))
    .update(name)
    .digest('base64url')
    .slice(0, DIGEST_LENGTH);
}

/** First event of the revocation feed. The events from it to `live` are the revocations that still matter. */
export interface FeedSnapshotData {
  /** Milliseconds since the epoch, by the clock of the authorization server's database; so are all times of the feed. */
  now: number;
  /** Lifetime of the longest-lived access token of this server, in seconds. */
  max_token_lifetime: number;
  /** Milliseconds between two heartbeats. */
  heartbeat_interval: number;
  /**
   * Identifies the database, in versions 1 and 2; older servers do not send it. When it changes, the database may lack
   * changes that the feed has reported, so epochs from before are invalid.
   */
  database_id?: string;
  /** Version 2: the key of the digests in place of each `sub` and `client_id`, see {@link feedDigest}. */
  digest_key?: string;
}

/** `live`: the snapshot is complete. `heartbeat`: the server is running and in sync with its database. */
interface FeedClockData {
  now: number;
}

/** An authorization has ended permanently, with every token that carries its `sid`. */
export interface RevokedAuthorizationData {
  sid: string;
  /** Version 2: the client of the session, for listeners that limit the room of each client. */
  client_id?: string;
  at: number;
}

/**
 * A resource owner has changed. Tokens and introspection responses with a lower `user_epoch` are revoked. If the epoch
 * is not higher than before, attributes such as scopes or groups have changed: cached responses are outdated.
 */
interface ChangedOwnerData {
  sub: string;
  epoch: number;
  at: number;
}

/** The same for a client and the `client_epoch`. */
interface ChangedClientData {
  client_id: string;
  epoch: number;
  at: number;
}

export type RevokedData = RevokedAuthorizationData | ChangedOwnerData | ChangedClientData;

/** The events of the revocation feed by name. Each has the id `<boot>:<n>`, where n counts the events of one stream. */
export interface RevocationFeedEvents {
  snapshot: FeedSnapshotData;
  revoked: RevokedData;
  live: FeedClockData;
  heartbeat: FeedClockData;
  /** The server ends the stream; the listener can open another one at once. */
  reconnect: Record<string, never>;
}
