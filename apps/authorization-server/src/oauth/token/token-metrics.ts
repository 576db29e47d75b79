import { Injectable } from '@nestjs/common';
import type { OAuthErrorCode } from '@latchkey/contracts';
import { Counter, Registry } from 'prom-client';
import { toOAuthError } from '../common/to-oauth-error.js';
import { GrantRegistry } from './grants/grant-registry.js';

/** Counts the requests of authenticated clients at the token endpoint, and their outcomes. */
@Injectable()
export class TokenMetrics {
  readonly #requests: Counter;

  constructor(
    private readonly grants: GrantRegistry,
    registry: Registry,
  ) {
    this.#requests = new Counter({
      name: 'latchkey_token_requests_total',
      help: 'Token requests of authenticated clients by grant type and outcome: success or the OAuth error code',
      labelNames: ['grant_type', 'outcome'],
      registers: [registry],
    });
  }

  /** @param grantType as it was sent @throws OAuthError whatever `answer` throws */
  async counted<T>(grantType: string | null, answer: () => Promise<T>): Promise<T> {
    try {
      const response = await answer();
      this.#count(grantType, 'success');
      return response;
    } catch (exception) {
      const error = toOAuthError(exception);
      this.#count(grantType, error.code);
      throw error;
    }
  }

  #count(sent: string | null, outcome: OAuthErrorCode | 'success'): void {
    const grantType = (sent === null ? null : this.grants.find(sent))?.grantType ?? 'other';
    this.#requests.inc({ grant_type: grantType, outcome });
  }
}
