import { ClaimReader, MalformedClaimsError } from '../claims/claim-reader.js';
import type { ServerSentEvent } from './event-stream-parser.js';
import { FeedProtocolError } from './feed-protocol.error.js';

/**
 * A change: an authorization has ended, or a resource owner or client has changed and has this epoch. Names are those
 * of the stream: plain names or digests.
 */
export type Revocation =
  | { readonly sid: string; readonly clientId?: string | null }
  | { readonly sub: string; readonly epoch: number }
  | { readonly clientId: string; readonly epoch: number };

export interface SnapshotMessage {
  readonly kind: 'snapshot';
  /** Milliseconds, by the server's clock. */
  readonly now: number;
  readonly maxTokenLifetimeMs: number;
  readonly heartbeatIntervalMs: number;
  /** The key of the digests that replace names; `null`: the stream has plain names. */
  readonly digestKey: string | null;
  /** Identifies the server's database; `null` if the server does not send it. */
  readonly databaseId: string | null;
}

export type FeedMessage =
  | SnapshotMessage
  | { readonly kind: 'revoked'; readonly revocation: Revocation }
  | { readonly kind: 'live' | 'heartbeat'; readonly now: number }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'unknown' };

/** Ten years, and ten minutes: far above the values of any correct server. */
const MAX_LIFETIME_SECONDS = 315_360_000;
const MAX_HEARTBEAT_MS = 600_000;

/**
 * Parses one event of the feed. Events with unknown names are for later versions of this library and are ignored. A
 * revocation that cannot be parsed must not be ignored.
 *
 * @throws FeedProtocolError
 */
export function readFeedMessage({ name, data }: ServerSentEvent): FeedMessage {
  try {
    return read(name, () => new ClaimReader(parse(data)));
  } catch (error) {
    if (!(error instanceof MalformedClaimsError)) throw error;
    throw new FeedProtocolError(`an event ${error.message}`);
  }
}

function read(name: string, claims: () => ClaimReader): FeedMessage {
  switch (name) {
    case 'snapshot':
      return readSnapshot(claims());
    case 'revoked':
      return { kind: 'revoked', revocation: readRevocation(claims()) };
    case 'live':
    case 'heartbeat':
      return { kind: name, now: claims().integer('now') };
    case 'reconnect':
      return { kind: 'reconnect' };
    default:
      return { kind: 'unknown' };
  }
}

function readSnapshot(claims: ClaimReader): SnapshotMessage {
  const lifetime = claims.integer('max_token_lifetime');
  const heartbeatIntervalMs = claims.integer('heartbeat_interval');
  if (lifetime < 1 || lifetime > MAX_LIFETIME_SECONDS) throw outOfRange('max_token_lifetime');
  if (heartbeatIntervalMs < 1 || heartbeatIntervalMs > MAX_HEARTBEAT_MS)
    throw outOfRange('heartbeat_interval');
  return {
    kind: 'snapshot',
    now: claims.integer('now'),
    maxTokenLifetimeMs: lifetime * 1000,
    heartbeatIntervalMs,
    digestKey: claims.optionalString('digest_key'),
    databaseId: claims.optionalString('database_id'),
  };
}

function readRevocation(claims: ClaimReader): Revocation {
  // An ended session may also name its client.
  const names = claims.has('sid') ? ['sid', 'sub'] : ['sub', 'client_id'];
  if (names.filter((name) => claims.has(name)).length !== 1)
    throw new FeedProtocolError('a revocation does not say what it is about in one way');
  if (claims.has('sid')) return { sid: claims.string('sid'), clientId: claims.optionalString('client_id') };
  const epoch = claims.integer('epoch');
  return claims.has('sub')
    ? { sub: claims.string('sub'), epoch }
    : { clientId: claims.string('client_id'), epoch };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    throw new FeedProtocolError('an event is no JSON');
  }
}

function outOfRange(name: string): FeedProtocolError {
  return new FeedProtocolError(`an event has a "${name}" that is out of range`);
}
