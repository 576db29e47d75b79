import { Inject, Injectable } from '@nestjs/common';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';

const MAX_STREAMS = 1000;

/** Resource limits of one stream, and of all streams together. */
@Injectable()
export class FeedLimits {
  /**
   * Each instance of a resource server needs a stream. Streams are connections that are never idle, so they may use at
   * most half of all connections.
   */
  readonly streams: number;

  /** Milliseconds after which a listener has to authenticate again. */
  readonly lifetime: number = 60 * 60 * 1000;

  /** Unread bytes after which a listener is dropped. */
  readonly unreadBytes: number = 256 * 1024;

  /** Changes that may wait until the snapshot is sent. */
  readonly heldChanges: number = 10_000;

  /** Rows of the snapshot in one read. */
  readonly pageRows: number = 500;

  /** Milliseconds that a listener may take to read a page of the snapshot, or the last event of a stream. */
  readonly timeoutMs: number = 5000;

  constructor(@Inject(CONFIG) { http }: Pick<AuthorizationServerConfig, 'http'>) {
    this.streams = Math.max(1, Math.min(MAX_STREAMS, Math.floor(http.maxConnections / 2)));
  }
}
