import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { OAuthErrorResponse } from '@latchkey/contracts';
import { BearerError } from '@latchkey/resource-server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OAuthError } from './oauth-error.js';
import { toOAuthError } from './to-oauth-error.js';

const RETRY_AFTER_SECONDS = 1;

/** Turns every failure into a response of RFC 6749 section 5.2. Details for the operator go to the log only. */
@Catch()
export class OAuthErrorFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // The bearer guard has set the challenge already.
    if (exception instanceof BearerError) {
      void reply.status(exception.getStatus()).send(exception.getResponse());
      return;
    }
    const error = toOAuthError(exception);
    log(request, error);
    if (error.status === 401) void reply.header('www-authenticate', challengeFor(error));
    if (error.status === 503 || error.status === 429)
      void reply.header('retry-after', String(error.retryAfter ?? RETRY_AFTER_SECONDS));
    const body: OAuthErrorResponse = {
      error: error.code,
      error_description: error.description,
      ...error.members,
    };
    void reply.status(error.status).send(body);
  }
}

function challengeFor({ code, description }: OAuthError): string {
  if (code !== 'invalid_token') return 'Basic realm="latchkey", charset="UTF-8"';
  return `Bearer realm="latchkey", error="${code}", error_description="${description}"`;
}

function log(request: FastifyRequest, { code, status, detail, cause }: OAuthError): void {
  const fields = { error: code, status, detail, ...(cause !== undefined && { err: cause }) };
  if (status === 503 && cause === undefined) request.log.warn(fields, 'request refused');
  else if (status >= 500) request.log.error(fields, 'request failed');
  else request.log.info(fields, 'request refused');
}
