import { Injectable } from '@nestjs/common';
import { TokenChecks } from './token-checks.js';
import type { FeedState } from '../feed/freshness-status.js';
import type { CircuitState } from '../introspection/circuit-breaker.js';

/** The result of a check of `@nestjs/terminus`. */
export interface GuardHealthResult {
  readonly status: 'up' | 'down';
  readonly feed: FeedState;
  /** The state of requests to the authorization server; `off` if it is never asked. */
  readonly introspection: CircuitState | 'off';
}

/**
 * Whether tokens can be checked, for health checks: `() => guardHealth.check('tokens')` of `@nestjs/terminus`. It sends
 * no request, and uses the results of the last ones.
 */
@Injectable()
export class GuardHealth {
  constructor(private readonly checks: TokenChecks) {}

  /**
   * `down` while the circuit is open and no live feed confirms cached answers: most requests are then answered with 503.
   * When the next request may try again (`circuitBreaker.openMs`), it is `up`: an instance that gets no requests because
   * it is `down` could otherwise never find out that the authorization server answers again.
   */
  check<const Key extends string>(key: Key): Record<Key, GuardHealthResult> {
    const { circuit, status } = this.checks;
    const feed = status.feedState;
    const isUp = circuit !== 'open' || feed === 'live';
    const result = { status: isUp ? 'up' : 'down', feed, introspection: circuit ?? 'off' } as const;
    return { [key]: result } as Record<Key, GuardHealthResult>;
  }
}
