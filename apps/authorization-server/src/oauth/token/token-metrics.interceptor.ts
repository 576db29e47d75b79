import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { OAuthErrorCode } from '@latchkey/contracts';
import type { FastifyRequest } from 'fastify';
import { Counter, Registry } from 'prom-client';
import { tap, type Observable } from 'rxjs';
import { FormParameters } from '../common/form-parameters.js';
import { toOAuthError } from '../common/to-oauth-error.js';
import { GrantRegistry } from './grants/grant-registry.js';

/** Counts what authenticated clients ask of the token endpoint, and what they get. */
@Injectable()
export class TokenMetricsInterceptor implements NestInterceptor {
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

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    const sent = body instanceof FormParameters ? body.get('grant_type') : null;
    const grantType = sent !== null && this.grants.find(sent) !== null ? sent : 'other';
    const count = (outcome: OAuthErrorCode | 'success') => {
      this.#requests.inc({ grant_type: grantType, outcome });
    };
    return next.handle().pipe(
      tap({
        next: () => count('success'),
        error: (error: unknown) => count(toOAuthError(error).code),
      }),
    );
  }
}
