import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isStorageUnavailable } from '@latchkey/platform';
import type { OAuthErrorResponse } from '@latchkey/contracts';
import { BearerError } from '@latchkey/resource-server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HashQueueFullError } from '../../passwords/hash-queue.js';
import { OAuthError } from './oauth-error.js';

const RETRY_AFTER_SECONDS = 1;

/** Turns every failure into an answer of RFC 6749 section 5.2. What only the operator may know goes to the log. */
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
    if (error.status === 401)
      void reply.header('www-authenticate', 'Basic realm="latchkey", charset="UTF-8"');
    if (error.status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
    const body: OAuthErrorResponse = { error: error.code, error_description: error.description };
    void reply.status(error.status).send(body);
  }
}

function toOAuthError(exception: unknown): OAuthError {
  if (exception instanceof OAuthError) return exception;
  if (exception instanceof HashQueueFullError || isStorageUnavailable(exception)) {
    return OAuthError.temporarilyUnavailable(exception);
  }
  if (exception instanceof HttpException) return fromHttpException(exception);
  return new OAuthError('server_error', 500, 'The server failed', { cause: exception });
}

function fromHttpException(exception: HttpException): OAuthError {
  const status = exception.getStatus();
  const options = { detail: exception.message, cause: exception.cause };
  switch (status) {
    case 404:
      // Without the message: Nest's repeats the URL, and people put credentials in a query.
      return OAuthError.notFound({ cause: exception.cause });
    case 405:
      return new OAuthError('method_not_allowed', 405, 'The method is not allowed', options);
    case 413:
      return new OAuthError('invalid_request', 413, 'The body is too large', options);
    case 503:
      return OAuthError.temporarilyUnavailable(exception.cause);
    default:
      return status < 500
        ? OAuthError.invalidRequest('The request is malformed', options)
        : new OAuthError('server_error', 500, 'The server failed', { cause: exception });
  }
}

function log(request: FastifyRequest, { code, status, detail, cause }: OAuthError): void {
  const fields = { error: code, status, detail, ...(cause !== undefined && { err: cause }) };
  if (status >= 500) request.log.error(fields, 'request failed');
  else request.log.info(fields, 'request refused');
}
