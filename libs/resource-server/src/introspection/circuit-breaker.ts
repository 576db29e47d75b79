import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';
import type { CircuitBreakerSettings } from '../options/circuit-breaker-settings.js';

export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Stops sending requests to an authorization server that does not answer: while the circuit is open, every look-up
 * fails at once and not after its time-out. After this time one look-up is sent as a probe. Its outcome closes the
 * circuit or opens it again.
 */
export class CircuitBreaker {
  #failures = 0;
  #openUntil: number | null = null;
  #probing = false;

  constructor(private readonly settings: CircuitBreakerSettings) {}

  get state(): CircuitState {
    if (this.#openUntil === null) return 'closed';
    return performance.now() < this.#openUntil ? 'open' : 'half-open';
  }

  /**
   * @throws IntrospectionUnavailableError at once while the circuit is open, and while a probe is on its way
   */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    const probe = this.#openUntil !== null;
    if (probe) this.#admitProbe(this.#openUntil ?? 0);
    try {
      const result = await operation();
      this.#close();
      return result;
    } catch (error) {
      if (error instanceof IntrospectionUnavailableError && error.outage) this.#fail();
      else this.#close();
      throw error;
    } finally {
      if (probe) this.#probing = false;
    }
  }

  #admitProbe(openUntil: number): void {
    const waitMs = openUntil - performance.now();
    if (waitMs <= 0 && !this.#probing) {
      this.#probing = true;
      return;
    }
    throw new IntrospectionUnavailableError('the introspection endpoint has failed and is left alone', {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }

  #fail(): void {
    this.#failures++;
    if (this.#failures >= this.settings.failureThreshold)
      this.#openUntil = performance.now() + this.settings.openMs;
  }

  #close(): void {
    this.#failures = 0;
    this.#openUntil = null;
  }
}
