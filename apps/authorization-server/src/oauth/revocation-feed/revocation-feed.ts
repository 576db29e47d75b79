import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FeedSnapshotData } from '@latchkey/contracts';
import { Database } from '@latchkey/platform/database';
import { RepeatedWarning } from '@latchkey/platform/logging';
import type { Logger } from 'pino';
import { ChangePublisher } from '../../changes/change-publisher.js';
import { ReceivedChanges } from '../../changes/received-changes.js';
import { LongestTokenLifetime } from '../../changes/longest-token-lifetime.js';
import type { Client } from '../../clients/client.js';
import { LOGGER } from '../../config/config.token.js';
import { DatabaseIdentity } from '../../database/settings.js';
import { OAuthError } from '../common/oauth-error.js';
import { FeedDigests } from './feed-event.js';
import { FeedLimits } from './feed-limits.js';
import { FeedMetrics } from './feed-metrics.js';
import { FeedStream } from './feed-stream.js';

/** The client that wants to listen, and the version of the feed that it reads. */
interface Asked {
  readonly clientId: string;
  readonly version: number;
}

/** An authenticated listener, and until when its authentication is valid. */
export interface Listener {
  readonly client: Client;
  /** Milliseconds since the epoch at which the last of the presented secrets expires; `null`: never. */
  readonly secretExpiresAt: number | null;
}

/** The streams of the revocation feed. They send the changes of all servers, which arrive through the database. */
@Injectable()
export class RevocationFeed implements BeforeApplicationShutdown {
  readonly #boot = randomBytes(9).toString('base64url');
  readonly #digests = new FeedDigests();
  readonly #streams = new Set<FeedStream>();
  readonly #full: RepeatedWarning;
  #closing = false;

  constructor(
    private readonly database: Database,
    private readonly changes: ReceivedChanges,
    private readonly log: ChangePublisher,
    private readonly lifetime: LongestTokenLifetime,
    private readonly identity: DatabaseIdentity,
    private readonly limits: FeedLimits,
    private readonly metrics: FeedMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#full = new RepeatedWarning(logger, 'the streams of the revocation feed are at their limit');
  }

  /** Before the server stops accepting connections: open streams would keep it from closing. */
  beforeApplicationShutdown(): void {
    this.#closing = true;
    for (const stream of [...this.#streams]) stream.end();
  }

  /**
   * Begins a stream.
   *
   * @param authenticate is called after the stream has subscribed to changes, so that a later change of the client is
   *   noticed
   * @param respond is called when the request can no longer be refused
   * @throws OAuthError, and whatever `authenticate` throws
   */
  async open(
    { clientId, version }: Asked,
    authenticate: () => Promise<Listener>,
    respond: () => ServerResponse,
  ): Promise<void> {
    const stream = this.#follow(clientId, version >= 2 ? this.#digests : null);
    try {
      const listener = await authenticate();
      if (stream.ended) throw unavailable('the feed cannot be followed any more');
      stream.begin(respond(), listener.client.audience);
      this.#endInTime(stream, listener);
    } catch (error) {
      stream.drop();
      throw error;
    }
    await this.#bringUpToDate(stream);
  }

  #follow(clientId: string, digests: FeedDigests | null): FeedStream {
    if (this.#closing) throw unavailable('the server stops');
    if (!this.changes.inSync) throw unavailable('the server does not receive changes');
    if (this.#streams.size >= this.limits.streams) this.#makeRoomFor(clientId);
    const stream: FeedStream = new FeedStream({
      boot: this.#boot,
      clientId,
      digests,
      limits: this.limits,
      sent: this.metrics.sent,
      closed: () => {
        unsubscribe();
        this.#streams.delete(stream);
        this.metrics.listening(this.#streams.size);
      },
    });
    const unsubscribe = this.changes.subscribe(stream);
    this.#streams.add(stream);
    this.metrics.listening(this.#streams.size);
    return stream;
  }

  /**
   * Below the limit a client may have any number of streams. At the limit, a new stream replaces the oldest stream of
   * the client with most streams, unless its own client would then have as many.
   *
   * @throws OAuthError
   */
  #makeRoomFor(clientId: string): void {
    const shares = new Map<string, FeedStream[]>([[clientId, []]]);
    for (const stream of this.#streams) {
      const share = shares.get(stream.clientId);
      if (share === undefined) shares.set(stream.clientId, [stream]);
      else share.push(stream);
    }
    const own = shares.get(clientId) ?? [];
    const largest = [...shares.values()].reduce((one, other) => (other.length > one.length ? other : one));
    const fits = largest.length > own.length + 1;
    const outcome = fits ? 'ended' : 'refused';
    this.metrics.beyondLimit(outcome);
    this.#full.happened(() => ({ outcome, client_id: largest[0]?.clientId, streams: largest.length }));
    if (!fits) throw OAuthError.temporarilyUnavailable(undefined, 'there are too many listeners');
    largest[0]?.end();
  }

  async #stored(): Promise<Pick<FeedSnapshotData, 'max_token_lifetime' | 'database_id'>> {
    const id = await this.identity.read(this.database);
    const lifetime = await this.lifetime.withMargin(this.database);
    return { max_token_lifetime: lifetime, ...(id !== null && { database_id: id }) };
  }

  /** The lifetime is random, so that listeners that connected together after a restart do not reconnect together. */
  #endInTime(stream: FeedStream, { secretExpiresAt }: Listener): void {
    const lifetime = this.limits.lifetime * (0.9 + Math.random() / 10);
    const untilSecretEnds = secretExpiresAt === null ? Infinity : secretExpiresAt - Date.now();
    stream.endAfter(Math.max(0, Math.min(lifetime, untilSecretEnds)));
  }

  async #bringUpToDate(stream: FeedStream): Promise<void> {
    try {
      stream.snapshot({
        ...(await this.#stored()),
        heartbeat_interval: this.changes.pulseInterval,
        now: this.changes.latestTime(),
      });
      for (let after: number | null = 0; after !== null && !stream.ended;) {
        const page = await this.log.page(after, this.limits.pageRows);
        await stream.snapshotPage(page.revocations);
        after = page.next;
        // SQLite answers at once, and what concerns other listeners is not sent: nothing else waits between two pages.
        await nextTurn();
      }
      if (this.changes.inSync) stream.live(this.changes.latestTime());
      else stream.end();
    } catch (error) {
      this.logger.warn({ err: error }, 'could not read the snapshot of the revocation feed');
      stream.end();
    }
  }
}

function unavailable(why: string): OAuthError {
  return OAuthError.temporarilyUnavailable(new Error(why));
}
