import type { AccessToken } from '../claims/access-token.js';
import type { Revocation } from '../feed/feed-message.js';
import { EndedSessions } from './ended-sessions.js';
import { ExpiringMap } from './expiring-map.js';
import { FeedNames } from './feed-names.js';

/** What is known of a resource owner or client since it changed. Times by the monotonic clock, in milliseconds. */
interface Change {
  readonly epoch: number;
  readonly at: number;
}

/** Beyond the longest life of a token, for clocks that disagree about when that ends. */
const CLOCK_MARGIN_MS = 60_000;

/**
 * How long a replica of the authorization server may answer from before a change that another one has told: the two
 * seconds after which one that receives nothing stops trusting its own caches, and a little.
 */
export const SETTLING_MS = 3000;

/**
 * What the feed has told, kept for longer than any token that it is about can live, across all interruptions. What
 * comes in late, from a replica that has not heard yet, or from a token itself, is held against it.
 *
 * Where there is no room for another change of an owner or client, none is dropped: until the one that was not kept would
 * have ended, nothing is complete ({@link completeFrom}), and every token has to be asked about. Sessions that have ended
 * share their room between clients: {@link EndedSessions}.
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
   * @param names what the stream calls owners and clients
   * @param neededMs see {@link EndedSessions}, as for `onCrowd`
   */
  constructor(
    maxEntries: number,
    private readonly names: FeedNames = new FeedNames(),
    neededMs = Infinity,
    onCrowd?: () => void,
  ) {
    this.#sessions = new EndedSessions(maxEntries, neededMs, onCrowd);
    this.#owners = new ExpiringMap(maxEntries);
    this.#clients = new ExpiringMap(maxEntries);
  }

  get size(): number {
    return this.#sessions.size + this.#owners.size + this.#clients.size;
  }

  /** Before this time what is remembered cannot be relied on. */
  get completeFrom(): number {
    return Math.max(this.#completeFrom, this.#sessions.completeFrom);
  }

  /** When something happened last that an answer on its way may not know of and that no tombstone makes good. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** A stream begins: answers on their way may miss what was told while nobody listened. */
  restart(maxTokenLifetimeMs: number, now: number, digestKey: string | null = null): void {
    if (this.names.use(digestKey)) {
      // They are told again, by their new names, before the stream is live.
      for (const changes of [this.#owners, this.#clients]) changes.clear();
      this.#sessions.rename();
    }
    // Never shorter than before: there are tokens of before.
    this.#lifetimeMs = Math.max(this.#lifetimeMs, maxTokenLifetimeMs + CLOCK_MARGIN_MS);
    this.#restartedAt = now;
    this.#changedAt = now;
  }

  /**
   * Forgets changes of owners and clients where the database is another one, such as a restored one: its epochs begin where
   * the backup was made, and new logins would count as old. Sessions that have ended stay, because their names do not come again.
   *
   * @param id `null`: the server does not say
   * @returns whether it is another one
   */
  useDatabase(id: string | null, now: number): boolean {
    const isOther = id !== null && this.#databaseId !== null && id !== this.#databaseId;
    this.#databaseId = id ?? this.#databaseId;
    if (!isOther) return false;
    for (const changes of [this.#owners, this.#clients]) changes.clear();
    // A replica may not have heard of the restore. What is signed or answered meanwhile is not relied on.
    this.#completeFrom = now + SETTLING_MS;
    return true;
  }

  revoke(revocation: Revocation, now: number): void {
    const expiresAt = now + this.#lifetimeMs;
    if ('sid' in revocation) this.#sessions.add(revocation.sid, revocation.clientId ?? null, expiresAt, now);
    else if (!this.#change(revocation, expiresAt, now)) this.#completeFrom = expiresAt;
  }

  /** Whether an answer, though it says active, is about a token that is dead: its session, or an epoch that is over. */
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

  /** Whether sessions of a token's client may have ended that there was no room for. */
  mayMiss({ clientId }: AccessToken, now: number): boolean {
    if (!this.#sessions.isCrowded) return false;
    return clientId === null || this.#sessions.mayMiss(this.names.of(clientId), now);
  }

  /** Whether something about the owner or client of a token has changed, so that the token cannot speak for itself. */
  hasChanged(token: AccessToken, now: number): boolean {
    return this.#clientOf(token, now) !== null || this.#ownerOf(token, now) !== null;
  }

  /**
   * @param askedAt when the question was sent
   * @returns until when the answer may be remembered; `-Infinity`: not at all
   */
  rememberUntil(token: AccessToken, askedAt: number, now: number): number {
    const client = this.#clientOf(token, now);
    const owner = this.#ownerOf(token, now);
    // A stream also begins because keys were revoked, which nothing else tells.
    const changedAt = Math.max(client?.at ?? -Infinity, owner?.at ?? -Infinity, this.#restartedAt);
    if (askedAt <= changedAt) return -Infinity;
    // The question may have gone to a replica that had not heard, and an epoch that did not rise does not show it.
    return askedAt <= changedAt + SETTLING_MS ? changedAt + SETTLING_MS : Infinity;
  }

  #change(revocation: Exclude<Revocation, { sid: string }>, expiresAt: number, now: number): boolean {
    this.#changedAt = now;
    const [changes, name] =
      'sub' in revocation ? [this.#owners, revocation.sub] : [this.#clients, revocation.clientId];
    const epoch = Math.max(revocation.epoch, changes.get(name, now)?.epoch ?? 0);
    return changes.set(name, { epoch, at: now }, expiresAt, now);
  }

  /** The owner's `sub`; a client that acts for itself is told of as client, and its `sub` is no owner's. */
  #ownerOf({ subject }: AccessToken, now: number): Change | null {
    return subject === null ? null : this.#owners.get(this.names.of(subject), now);
  }

  #clientOf({ clientId }: AccessToken, now: number): Change | null {
    return clientId === null ? null : this.#clients.get(this.names.of(clientId), now);
  }
}

/** A token of which no epoch is known is as old as can be. */
function isOlder(epoch: number | null, change: Change | null): boolean {
  return change !== null && (epoch ?? -1) < change.epoch;
}
