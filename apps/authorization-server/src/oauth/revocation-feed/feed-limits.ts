import { Inject, Injectable } from '@nestjs/common';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';

const MAX_STREAMS = 1000;

/** What a stream of the feed, and all of them together, may cost. */
@Injectable()
export class FeedLimits {
  /**
   * A stream is a resource server's instance; each of them needs one. Streams are connections that are never idle, and so
   * have at most half of them.
   */
  readonly streams: number;

  /** Milliseconds after which a listener has to authenticate again. */
  readonly lifetime: number = 60 * 60 * 1000;

  /** Bytes that a listener may leave unread before it is dropped. */
  readonly unreadBytes: number = 256 * 1024;

  /** Changes that may wait until a listener has the snapshot. */
  readonly heldChanges: number = 10_000;

  /** Rows of the snapshot that are read at once. */
  readonly pageRows: number = 500;

  /** Milliseconds that a listener may take to read a page of the snapshot, or the last words of a stream. */
  readonly timeoutMs: number = 5000;

  constructor(@Inject(CONFIG) { http }: Pick<AuthorizationServerConfig, 'http'>) {
    this.streams = Math.max(1, Math.min(MAX_STREAMS, Math.floor(http.maxConnections / 2)));
  }
}
