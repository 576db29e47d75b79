import type { EventEmitter } from 'node:events';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AccessToken } from '../claims/access-token.js';
import { BearerError } from '../refusals/bearer-error.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { Refusal } from '../refusals/refusal.js';
import { FreshnessStatus } from '../feed/freshness-status.js';
import { TokenLookup } from '../introspection/token-lookup.js';

/** Where an introspector of the application says nothing about the age of its answers. */
const DEFAULT_BOUND_MS = 5000;

/** One token, with all signals that were given out for it. Times by `performance.now()`. */
interface WatchedToken {
  readonly bearer: string;
  readonly token: AccessToken;
  readonly controllers: Set<AbortController>;
  /** When the token was good, as the authorization server says. */
  goodAt: number;
  askedAt: number;
  /** Whether it was remembered at the last look; what is forgotten since then may have been revoked. */
  wasCached: boolean;
}

/**
 * Goes on judging the tokens of requests that take long. A signal fires when its token is revoked or expires, or when neither
 * feed nor introspection has vouched for it within the bound that holds for requests.
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
   * @param bearer the text of a token that has just been found good
   * @param lifetime whose `close` ends the watch: a response, or a socket
   */
  signalFor(bearer: string, token: AccessToken, lifetime: EventEmitter): AbortSignal {
    const watched = this.#watched.get(bearer) ?? this.#begin(bearer, token);
    const controller = new AbortController();
    watched.controllers.add(controller);
    lifetime.once('close', () => {
      watched.controllers.delete(controller);
      if (watched.controllers.size === 0) this.#forget(watched);
    });
    return controller.signal;
  }

  /**
   * For what is about to be sent: when the event loop was held, what is due to be sent may come before the look that is due.
   */
  lookIfLate(): void {
    if (performance.now() - this.#lookedAt > 2 * this.#intervalMs) this.#look();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  #begin(bearer: string, token: AccessToken): WatchedToken {
    // How old the answer was is not known: it has to be renewed soon.
    const goodAt = performance.now() - this.#boundMs / 2;
    const watched = {
      bearer,
      token,
      controllers: new Set<AbortController>(),
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
    // The next look may come too late.
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
      // Nothing is known against the token: it is asked about again until the bound.
    }
  }

  #end(watched: WatchedToken, reason: unknown): void {
    this.#forget(watched);
    for (const controller of watched.controllers) controller.abort(reason);
    watched.controllers.clear();
  }
}
