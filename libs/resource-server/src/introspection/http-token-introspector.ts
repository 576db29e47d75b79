import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AccessToken } from '../bearer/access-token.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { CircuitBreaker, type CircuitState } from './circuit-breaker.js';
import { IntrospectionEndpoint } from './introspection-endpoint.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';
import { readIntrospectionResponse } from './introspection-response.js';
import { TokenIntrospector } from './token-introspector.js';

/** Asks the authorization server's introspection endpoint, unless it has just failed several times in a row. */
@Injectable()
export class HttpTokenIntrospector extends TokenIntrospector implements OnApplicationShutdown {
  readonly #endpoint: IntrospectionEndpoint;
  readonly #circuit: CircuitBreaker;

  constructor(private readonly settings: ResourceServerSettings) {
    super();
    this.#endpoint = new IntrospectionEndpoint({ ...settings, timeoutMs: settings.maxAnswerAgeMs });
    this.#circuit = new CircuitBreaker(settings.circuitBreaker);
  }

  get circuit(): CircuitState {
    return this.#circuit.state;
  }

  async introspect(token: string): Promise<AccessToken | null> {
    const askedAt = performance.now();
    const response = await this.#circuit.run(() => this.#endpoint.ask(token));
    // A timer fires late where the event loop was held, and an answer that lay there meanwhile may be about the past.
    if (performance.now() - askedAt > this.settings.maxAnswerAgeMs) {
      throw new IntrospectionUnavailableError(
        `an answer was read more than ${this.settings.maxAnswerAgeMs} ms after its question`,
      );
    }
    return readIntrospectionResponse(response, this.settings, Date.now());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#endpoint.close();
  }
}
