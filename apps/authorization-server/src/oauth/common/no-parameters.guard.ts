import {
  Injectable,
  MethodNotAllowedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FormParameters } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

/** For an endpoint without parameters: refuses a query, a body, and HEAD. */
@Injectable()
export class NoParametersGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // Fastify answers HEAD on every GET route.
    if (request.method !== 'GET') {
      void http.getResponse<FastifyReply>().header('allow', 'GET');
      throw new MethodNotAllowedException();
    }
    if (request.url.includes('?')) throw OAuthError.invalidRequest('The endpoint takes no parameters');
    request.body = FormParameters.NONE;
    return true;
  }
}
