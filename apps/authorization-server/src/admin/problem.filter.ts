import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isStorageUnavailable } from '@latchkey/platform/database';
import { BadHostError } from '@latchkey/platform/http';
import { BearerError } from '@latchkey/resource-server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnknownClientError } from '../clients/clients.service.js';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { HashQueueFullError } from '../passwords/hash-queue.js';
import { UnknownUserError } from '../users/users.service.js';
import { Problem, type ProblemCode } from './problem.js';

const REALM = 'latchkey';
const RETRY_AFTER_SECONDS = '1';

/** Answers every failure of the administration API with problem details (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { log } = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(exception);
    const { status, code, detail, headers, cause } = problem;
    const fields = { error: code, status, detail, ...(cause !== undefined && { err: cause }) };
    if (status >= 500) log.error(fields, 'request failed');
    else log.info(fields, 'request refused');
    void reply
      .status(status)
      .headers(headers)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problem.toResponse()));
  }
}

/** Maps a failure to the problem in the response. What only the operator may know stays in `cause`. */
function toProblem(exception: unknown): Problem {
  if (exception instanceof Problem) return exception;
  if (exception instanceof BearerError) return fromBearerError(exception);
  if (exception instanceof UnknownClientError) return Problem.notFound('client');
  if (exception instanceof UnknownUserError) return Problem.notFound('user');
  if (exception instanceof HashQueueFullError || isStorageUnavailable(exception)) return busy(exception);
  if (exception instanceof OAuthError) return fromStatus(exception.status, exception.description, exception);
  if (exception instanceof BadHostError) return Problem.malformed(exception.message);
  if (exception instanceof HttpException) return fromStatus(exception.getStatus(), null, exception);
  return fromStatus(500, null, exception);
}

function fromBearerError(error: BearerError): Problem {
  const { error: code, error_description: detail } = error.getResponse() as {
    error: ProblemCode;
    error_description: string;
  };
  return new Problem(
    error.getStatus(),
    code,
    detail,
    {},
    error.headers({ realm: REALM, resourceMetadata: null }),
    error.detail,
  );
}

function busy(cause: unknown): Problem {
  const headers = { 'retry-after': RETRY_AFTER_SECONDS };
  return new Problem(503, 'temporarily_unavailable', 'The server is busy; try again', {}, headers, cause);
}

/** @param detail `null` where the exception's own message may repeat a URL or reveal internals */
function fromStatus(status: number, detail: string | null, cause: unknown): Problem {
  switch (status) {
    case 400:
      return new Problem(400, 'invalid_request', detail ?? 'The request is malformed', {}, {}, cause);
    case 404:
      return new Problem(404, 'not_found', 'There is nothing here', {}, {}, cause);
    case 405:
      return new Problem(405, 'method_not_allowed', 'The method is not allowed', {}, {}, cause);
    case 413:
      return new Problem(413, 'body_too_large', 'The body is too large', {}, {}, cause);
    case 415:
      return new Problem(415, 'unsupported_media_type', 'The body must be application/json', {}, {}, cause);
    case 503:
      return busy(cause);
    default:
      return status < 500
        ? new Problem(400, 'invalid_request', 'The request is malformed', {}, {}, cause)
        : new Problem(500, 'server_error', 'The server failed', {}, {}, cause);
  }
}
