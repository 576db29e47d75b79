import { createHmac } from 'node:crypto';

/** The request header by which a listener says which version of the feed it reads; without it, version 1. */
export const FEED_VERSION_HEADER = 'latchkey-feed-version';

/**
 * Version 2 names the client of a session that has ended, and calls owners and clients by digests. Version 1 calls them
 * by name.
 */
export const FEED_VERSION = 2;

/** 128 bits, in base64url. */
const DIGEST_LENGTH = 22;

/** What version 2 of the feed calls a `sub` or `client_id`: known to those who know the name. */
export function feedDigest(key: string, name: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64url'))
    .update(name)
    .digest('base64url')
    .slice(0, DIGEST_LENGTH);
}

/** First event of the revocation feed; what follows until `live` are the revocations that still matter. */
export interface FeedSnapshotData {
  /** Milliseconds since the epoch, by the clock of the authorization server's database; so are all times of the feed. */
  now: number;
  /** Seconds that the longest-lived access token of this server lives. */
  max_token_lifetime: number;
  /** Milliseconds between two heartbeats. */
  heartbeat_interval: number;
  /**
   * Identifies the database, in versions 1 and 2; older servers do not send it. When it changes, the database may lack
   * changes that the feed has reported, so epochs from before are invalid.
   */
  database_id?: string;
  /** Version 2: what follows has digests under this key in place of each `sub` and `client_id`, see {@link feedDigest}. */
  digest_key?: string;
}

/** `live`: the snapshot is complete. `heartbeat`: the server is there and in sync with its database. */
export interface FeedClockData {
  now: number;
}

/** An authorization has ended, and with it every token that carries its `sid`; for good. */
export interface RevokedAuthorizationData {
  sid: string;
  /** Version 2: whose session it was, for those who give each client a share of their room. */
  client_id?: string;
  at: number;
}

/**
 * A resource owner has changed. Tokens and introspection answers with a lower `user_epoch` are dead. An epoch that is not
 * higher than before says that attributes changed, such as scopes or groups: what was remembered has to be asked again.
 */
export interface ChangedOwnerData {
  sub: string;
  epoch: number;
  at: number;
}

/** The same for a client and the `client_epoch`. */
export interface ChangedClientData {
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
  /** The server ends the stream; there is another one to be had at once. */
  reconnect: Record<string, never>;
}
