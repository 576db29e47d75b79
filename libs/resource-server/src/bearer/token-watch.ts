import type { EventEmitter } from 'node:events';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { Refusal } from '../refusals/refusal.js';
import { FreshnessStatus } from '../feed/freshness-status.js';
import { TokenLookup } from '../introspection/token-lookup.js';

/** For an introspector of the application, whose answers have no known age. */
const DEFAULT_BOUND_MS = 5000;

/** A token with all signals that were created for it. Times by `performance.now()`. */
interface WatchedToken {
  readonly bearer: string;
  readonly token: AccessToken;
  /** By the response or socket of the signal: calls that share a socket share the signal. */
  readonly controllers: Map<EventEmitter, AbortController>;
  /** When the authorization server last confirmed the token. */
  goodAt: number;
  askedAt: number;
  /** Whether it was cached at the last check. If it no longer is, it may have been revoked. */
  wasCached: boolean;
}

/** How responses and sockets of Node.js, responses of HTTP/2, and connections of socket.io show that they are closed. */
interface ClosableParts {
  readonly destroyed?: boolean;
  readonly stream?: { readonly destroyed: boolean };
  readonly readyState?: unknown;
}

/**
 * Keeps checking the tokens of long requests. A signal fires when its token is revoked or expires, or when neither feed
 * nor introspection has confirmed it within the bound that applies to requests.
 */
@Injectable()
export class TokenWatch implements OnApplicationShutdown {
  readonly #watched = new Map<string, WatchedToken>();
  readonly #boundMs: number;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = -Infinity;

  constructor(
    private readonly tokens: TokenLookup,
    private readonly status: FreshnessStatus,
    private readonly settings: ResourceServerSettings,
  ) {
    this.#boundMs = settings.revocationBoundMs ?? DEFAULT_BOUND_MS;
    this.#intervalMs = Math.min(250, Math.ceil(this.#boundMs / 20));
  }

  /**
   * @param bearer the text of a token that was found valid just now
   * @param lifetime a response or a socket, whose `close` ends the watch
   */
  signalFor(bearer: string, token: AccessToken, lifetime: EventEmitter): AbortSignal {
    const known = this.#watched.get(bearer)?.controllers.get(lifetime);
    if (known !== undefined) return known.signal;
    const controller = new AbortController();
    if (isClosed(lifetime)) return controller.signal;
    const watched = this.#watched.get(bearer) ?? this.#begin(bearer, token);
    watched.controllers.set(lifetime, controller);
    lifetime.once('close', () => {
      watched.controllers.delete(lifetime);
      if (watched.controllers.size === 0) this.#forget(watched);
    });
    return controller.signal;
  }

  /** Call it before sending data: after a blocked event loop, data may be sent before the next timed check. */
  lookIfLate(): void {
    if (performance.now() - this.#lookedAt > 2 * this.#intervalMs) this.#look();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  #begin(bearer: string, token: AccessToken): WatchedToken {
    // The age of the answer is unknown, so it has to be renewed soon.
    const goodAt = performance.now() - this.#boundMs / 2;
    const watched = {
      bearer,
      token,
      controllers: new Map<EventEmitter, AbortController>(),
      goodAt,
      askedAt: -Infinity,
      wasCached: false,
    };
    this.#watched.set(bearer, watched);
    this.#timer ??= setInterval(() => this.#look(), this.#intervalMs).unref();
    return watched;
  }

  #forget(watched: WatchedToken): void {
    if (this.#watched.get(watched.bearer) === watched) this.#watched.delete(watched.bearer);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.#lookedAt = performance.now();
    for (const watched of this.#watched.values()) this.#judge(watched);
  }

  #judge(watched: WatchedToken): void {
    const now = performance.now();
    const { expiresAt } = watched.token;
    if (expiresAt !== null && Date.now() >= expiresAt + this.settings.clockToleranceMs) {
      return this.#end(watched, BearerError.invalidToken(new Refusal('expired')));
    }
    const cached = this.tokens.getCached(watched.bearer);
    if (cached instanceof Refusal) return this.#end(watched, BearerError.invalidToken(cached));
    const { feedAgeMs } = this.status;
    if (cached !== undefined && feedAgeMs !== null)
      watched.goodAt = Math.max(watched.goodAt, now - feedAgeMs);
    // The next check may come too late.
    if (now - watched.goodAt >= this.#boundMs - 2 * this.#intervalMs) {
      return this.#end(
        watched,
        BearerError.temporarilyUnavailable(null, 'nothing vouches for the token any more'),
      );
    }
    const isForgotten = cached === undefined && watched.wasCached;
    watched.wasCached = cached !== undefined;
    const isOld = now - watched.goodAt >= this.#boundMs / 2 && now - watched.askedAt >= this.#boundMs / 4;
    if (isForgotten || isOld) void this.#ask(watched, now);
  }

  async #ask(watched: WatchedToken, now: number): Promise<void> {
    watched.askedAt = now;
    try {
      const verdict = await this.tokens.lookUpAgain(watched.bearer);
      if (verdict instanceof Refusal) this.#end(watched, BearerError.invalidToken(verdict));
      else watched.goodAt = Math.max(watched.goodAt, now);
    } catch {
      // The token may still be valid: it is asked about again until the bound.
    }
  }

  #end(watched: WatchedToken, reason: unknown): void {
    this.#forget(watched);
    for (const controller of watched.controllers.values()) controller.abort(reason);
    watched.controllers.clear();
  }
}

/** Whether its `close` has been emitted before: a client may leave while its token is looked up. */
function isClosed(lifetime: EventEmitter & ClosableParts): boolean {
  const { destroyed, stream, readyState } = lifetime;
  return destroyed === true || stream?.destroyed === true || readyState === 'closed';
}
