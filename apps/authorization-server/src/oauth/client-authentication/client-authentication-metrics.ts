import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { OAuthError } from '../common/oauth-error.js';

/** By the log detail of the {@link OAuthError}. For other details there were no credentials to check. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['unknown client', 'unknown_client'],
  ['wrong secret', 'wrong_secret'],
  ['a confidential client presented no secret', 'no_secret'],
  ['a public client presented a secret', 'unexpected_secret'],
  ['disabled client', 'disabled_client'],
]);

const OTHER = 'malformed';

@Injectable()
export class ClientAuthenticationMetrics {
  readonly #failures: Counter;

  constructor(registry: Registry) {
    const reasons = [...REASONS.values(), OTHER];
    this.#failures = new Counter({
      name: 'latchkey_client_authentication_failures_total',
      help: `Requests whose client could not be authenticated, by reason: ${reasons.join(', ')}`,
      labelNames: ['reason'],
      registers: [registry],
    });
    for (const reason of reasons) this.#failures.inc({ reason }, 0);
  }

  failed(error: unknown): void {
    if (!(error instanceof OAuthError) || error.code !== 'invalid_client') return;
    this.#failures.inc({ reason: REASONS.get(error.detail ?? '') ?? OTHER });
  }
}
