import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FormParameters } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

/**
 * Refuses a request whose parameters do not come in a form body. A query is refused whatever it holds: it ends up in
 * logs and histories, and credentials are often what people put there (RFC 6749 section 2.3.1).
 */
@Injectable()
export class FormBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.url.includes('?')) {
      throw OAuthError.invalidRequest('Parameters must be in the body, not in the query');
    }
    if (!(request.body instanceof FormParameters)) {
      throw OAuthError.invalidRequest('The body must be application/x-www-form-urlencoded');
    }
    return true;
  }
}
