import type { AccessToken } from '../claims/access-token.js';
import type { Revocation } from '../feed/feed-message.js';
import { EndedSessions } from './ended-sessions.js';
import { ExpiringMap } from './expiring-map.js';
import type { FeedNames } from './feed-names.js';

/** The last change of a resource owner or client. Times by the monotonic clock, in milliseconds. */
interface Change {
  readonly epoch: number;
  readonly at: number;
}

/** Added to the longest lifetime of a token, because clocks may differ. */
const CLOCK_MARGIN_MS = 60_000;

/**
 * How long a replica of the authorization server may still answer with the state before a change that another replica
 * has sent: the two seconds after which a replica without notifications stops using its caches, with a margin.
 */
export const SETTLING_MS = 3000;

/**
 * The revocations and changes that the feed has sent, across all interruptions, each kept longer than any token that it
 * concerns can live. They override late answers, answers of replicas that have not received the change yet, and the
 * claims of tokens.
 *
 * If there is no room for another change of an owner or client, no other one is dropped. Instead every token is
 * introspected until the missing change would have expired ({@link completeFrom}). The room for ended sessions is
 * shared between clients: {@link EndedSessions}.
 */
export class Tombstones {
  readonly #sessions: EndedSessions;
  readonly #owners: ExpiringMap<Change>;
  readonly #clients: ExpiringMap<Change>;
  #lifetimeMs = 0;
  #completeFrom = -Infinity;
  #changedAt = -Infinity;
  #restartedAt = -Infinity;
  #databaseId: string | null = null;

  /**
   * @param maxEntries of each kind
   * @param names the names of owners and clients in the stream
   * @param neededMs see {@link EndedSessions}, also for `onCrowd`
   */
  constructor(
    maxEntries: number,
    private readonly names: FeedNames,
    neededMs: number,
    onCrowd: () => void,
  ) {
    this.#sessions = new EndedSessions(maxEntries, neededMs, onCrowd);
    this.#owners = new ExpiringMap(maxEntries);
    this.#clients = new ExpiringMap(maxEntries);
  }

  get size(): number {
    return this.#sessions.size + this.#owners.size + this.#clients.size;
  }

  /** Before this time, cached answers must not be used. */
  get completeFrom(): number {
    return Math.max(this.#completeFrom, this.#sessions.completeFrom);
  }

  /** The last time after which running look-ups may be outdated without a tombstone that shows it. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** A stream begins: running look-ups may be outdated, because changes may have been missed before. */
  restart(maxTokenLifetimeMs: number, now: number, digestKey: string | null): void {
    if (this.names.use(digestKey)) {
      // The feed sends them again, under their new names, before the stream is live.
      for (const changes of [this.#owners, this.#clients]) changes.clear();
      this.#sessions.rename();
    }
    // Never decreased, because older tokens still exist.
    this.#lifetimeMs = Math.max(this.#lifetimeMs, maxTokenLifetimeMs + CLOCK_MARGIN_MS);
    this.#restartedAt = now;
    this.#changedAt = now;
  }

  /**
   * Forgets the changes of owners and clients when the database is another one, such as a restored backup: its epochs
   * are those of the backup, and new logins would count as outdated. Ended sessions stay, because their ids are never
   * reused.
   *
   * @param id `null`: the server does not send it
   * @returns whether the database is another one
   */
  useDatabase(id: string | null, now: number): boolean {
    const isOther = id !== null && this.#databaseId !== null && id !== this.#databaseId;
    this.#databaseId = id ?? this.#databaseId;
    if (!isOther) return false;
    for (const changes of [this.#owners, this.#clients]) changes.clear();
    // A replica may not have noticed the restore. Tokens and answers of this time are not relied on.
    this.#completeFrom = now + SETTLING_MS;
    return true;
  }

  revoke(revocation: Revocation, now: number): void {
    const expiresAt = now + this.#lifetimeMs;
    if ('sid' in revocation) this.#sessions.add(revocation.sid, revocation.clientId ?? null, expiresAt, now);
    else if (!this.#change(revocation, expiresAt, now)) this.#completeFrom = expiresAt;
  }

  /** Whether the token of an active answer is in fact revoked: its session has ended, or its epoch is too low. */
  isDead(token: AccessToken, now: number): boolean {
    return (
      this.isRevoked(token, now) ||
      isOlder(token.clientEpoch, this.#clientOf(token, now)) ||
      isOlder(token.ownerEpoch, this.#ownerOf(token, now))
    );
  }

  /** Whether the session of a token has ended. */
  isRevoked({ sessionId }: AccessToken, now: number): boolean {
    return sessionId !== null && this.#sessions.has(sessionId, now);
  }

  /** Whether an ended session of a token's client may be missing for lack of room. */
  mayMiss({ clientId }: AccessToken, now: number): boolean {
    if (!this.#sessions.isCrowded) return false;
    return clientId === null || this.#sessions.mayMiss(this.names.of(clientId), now);
  }

  /** Whether the owner or client of a token has changed, so that the claims of the token may be outdated. */
  hasChanged(token: AccessToken, now: number): boolean {
    return this.#clientOf(token, now) !== null || this.#ownerOf(token, now) !== null;
  }

  /**
   * @param askedAt when the request was sent
   * @returns until when the answer may be cached; `-Infinity`: not at all
   */
  rememberUntil(token: AccessToken, askedAt: number, now: number): number {
    const client = this.#clientOf(token, now);
    const owner = this.#ownerOf(token, now);
    // A new stream may also mean that keys were revoked, for which there is no other event.
    const changedAt = Math.max(client?.at ?? -Infinity, owner?.at ?? -Infinity, this.#restartedAt);
    if (askedAt <= changedAt) return -Infinity;
    // A replica without the change may have answered, and an epoch that did not rise does not reveal it.
    return askedAt <= changedAt + SETTLING_MS ? changedAt + SETTLING_MS : Infinity;
  }

  #change(revocation: Exclude<Revocation, { sid: string }>, expiresAt: number, now: number): boolean {
    this.#changedAt = now;
    const [changes, name] =
      'sub' in revocation ? [this.#owners, revocation.sub] : [this.#clients, revocation.clientId];
    const epoch = Math.max(revocation.epoch, changes.get(name, now)?.epoch ?? 0);
    return changes.set(name, { epoch, at: now }, expiresAt, now);
  }

  /** By the owner's `sub`. A client on its own behalf is found as a client; its `sub` is never an owner's. */
  #ownerOf({ subject }: AccessToken, now: number): Change | null {
    return subject === null ? null : this.#owners.get(this.names.of(subject), now);
  }

  #clientOf({ clientId }: AccessToken, now: number): Change | null {
    return clientId === null ? null : this.#clients.get(this.names.of(clientId), now);
  }
}

/** A token without an epoch counts as older than any change. */
function isOlder(epoch: number | null, change: Change | null): boolean {
  return change !== null && (epoch ?? -1) < change.epoch;
}
