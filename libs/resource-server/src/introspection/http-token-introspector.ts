import type { TokenLookup, Verdict } from './token-lookup.js';
import type { ResourceServerSettings } from '../options/resource-server-settings.js';
import { CircuitBreaker, type CircuitState } from './circuit-breaker.js';
import { IntrospectionEndpoint } from './introspection-endpoint.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';
import { judgeIntrospectionResponse } from './introspection-response.js';

/** Calls the authorization server's introspection endpoint, unless it has just failed several times in a row. */
export class HttpTokenIntrospector implements Pick<TokenLookup, 'lookUp'> {
  readonly #endpoint: IntrospectionEndpoint;
  readonly #circuit: CircuitBreaker;

  constructor(private readonly settings: ResourceServerSettings) {
    this.#endpoint = new IntrospectionEndpoint({ ...settings, timeoutMs: settings.maxAnswerAgeMs });
    this.#circuit = new CircuitBreaker(settings.circuitBreaker);
  }

  get circuit(): CircuitState {
    return this.#circuit.state;
  }

  async lookUp(token: string): Promise<Verdict> {
    const askedAt = performance.now();
    const response = await this.#circuit.run(() => this.#endpoint.ask(token));
    // Timers are late when the event loop is blocked, so an answer may have waited there and be outdated.
    if (performance.now() - askedAt > this.settings.maxAnswerAgeMs) {
      throw new IntrospectionUnavailableError(
        `an answer was read more than ${this.settings.maxAnswerAgeMs} ms after its question`,
      );
    }
    return judgeIntrospectionResponse(response, this.settings, Date.now());
  }

  async close(): Promise<void> {
    await this.#endpoint.close();
  }
}
