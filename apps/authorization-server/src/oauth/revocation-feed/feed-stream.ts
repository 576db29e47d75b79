import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FeedSnapshotData, RevocationFeedEvents } from '@latchkey/contracts';
import type { Change, Revocation } from '../../changes/change.js';
import type { ChangeListener } from '../../changes/received-changes.js';
import {
  concerns,
  formatFeedEvent,
  toRevokedData,
  type FeedDigests,
  type FeedEventName,
} from './feed-event.js';
import type { FeedLimits } from './feed-limits.js';

interface FeedStreamOptions {
  /** Identifies this process; event numbers of other processes are unrelated. */
  readonly boot: string;
  /** The client that listens. */
  readonly clientId: string;
  readonly limits: FeedLimits;
  /** `null` for a listener of version 1. */
  readonly digests: FeedDigests | null;
  readonly sent: (event: FeedEventName) => void;
  /** Called once. */
  readonly closed: () => void;
}

/**
 * The stream of one listener. It subscribes to changes before its client is authenticated and before its snapshot is
 * read, so that no change is missed in between. Changes are held back until the snapshot is complete, so that they come
 * after the older state. A listener that reads too slowly is disconnected without an event; it reconnects and gets a
 * new snapshot.
 */
export class FeedStream implements ChangeListener {
  #response: ServerResponse | null = null;
  #audience: readonly string[] = [];
  #held: Revocation[] | null = [];
  #events = 0;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: FeedStreamOptions) {}

  get clientId(): string {
    return this.options.clientId;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @param audience the APIs of the listener */
  begin(response: ServerResponse, audience: readonly string[]): void {
    this.#response = response;
    this.#audience = audience;
    if (response.destroyed) this.drop();
    response.once('close', () => this.drop());
    // For writes to a connection that was just lost.
    response.on('error', () => this.drop());
  }

  endAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => this.end(), milliseconds).unref();
  }

  changed(change: Change): void {
    switch (change.kind) {
      case 'authorization':
      case 'user':
        this.#revoked(change);
        break;
      case 'client':
        this.#revoked(change);
        // Any change of the client may concern its permission or its secret, so the listener has to authenticate again.
        if (change.clientId === this.options.clientId) this.end();
        break;
      // These changes invalidate the state that the listener has received.
      case 'data_keys':
      case 'token_lifetime':
        this.end();
        break;
      // These changes do not affect tokens.
      case 'groups':
      case 'scopes':
    }
  }

  missed(): void {
    this.end();
  }

  pulse(now: number): void {
    if (this.#held === null) this.send('heartbeat', { now });
  }

  /** The first event. Its other fields are the same for all listeners. */
  snapshot(data: Omit<FeedSnapshotData, 'digest_key'>): void {
    const { digests } = this.options;
    this.send('snapshot', digests === null ? data : { ...data, digest_key: digests.key });
  }

  send<E extends FeedEventName>(event: E, data: RevocationFeedEvents[E]): void {
    if (this.#ended || this.#response === null) return;
    const { boot, limits, sent } = this.options;
    this.#response.write(formatFeedEvent(`${boot}:${this.#events++}`, event, data));
    sent(event);
    if (this.#response.writableLength > limits.unreadBytes) this.drop();
  }

  /** Sends a part of the snapshot. Resolves when the listener has read most of it. */
  async snapshotPage(revocations: readonly Revocation[]): Promise<void> {
    for (const revocation of revocations) this.#send(revocation);
    if (this.#ended || this.#response?.writableNeedDrain !== true) return;
    const timeout = AbortSignal.timeout(this.options.limits.timeoutMs);
    await once(this.#response, 'drain', { signal: timeout }).catch(() => this.drop());
  }

  /** The snapshot is complete. Held changes are sent before `live`, after which the listener trusts its cache. */
  live(now: number): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const revocation of held) this.#send(revocation);
    this.send('live', { now });
  }

  /** Asks the listener to reconnect, here or to another server. */
  end(): void {
    if (this.#ended) return;
    this.send('reconnect', {});
    const response = this.#response;
    if (!this.#close() || response === null) return;
    response.end();
    const timeout = setTimeout(() => response.destroy(), this.options.limits.timeoutMs).unref();
    response.once('close', () => clearTimeout(timeout));
  }

  drop(): void {
    if (this.#close()) this.#response?.destroy();
  }

  #revoked(revocation: Revocation): void {
    if (this.#held === null) this.#send(revocation);
    else if (this.#held.push(revocation) > this.options.limits.heldChanges) this.drop();
  }

  #send(revocation: Revocation): void {
    if (concerns(revocation, this.#audience))
      this.send('revoked', toRevokedData(revocation, this.options.digests));
  }

  /** @returns false when it was already closed */
  #close(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#held = [];
    clearTimeout(this.#timer);
    this.options.closed();
    return true;
  }
}
