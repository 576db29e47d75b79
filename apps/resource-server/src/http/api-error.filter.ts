import {
  Catch,
  HttpException,
  HttpStatus,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { OAuthErrorCode, OAuthErrorResponse } from '@latchkey/contracts';
import { isStorageUnavailable } from '@latchkey/platform/database';
import { BadHostError } from '@latchkey/platform/http';
import { BearerError } from '@latchkey/resource-server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';

const RETRY_AFTER_SECONDS = 2;

interface Answer {
  status: number;
  body: unknown;
}

/** Answers every failure in the same error format, and logs what it hides from the client. */
@Catch()
export class ApiErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('ResourceServer');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { status, body } = toAnswer(error);
    if (status >= 500) this.#report(error, http.getRequest<FastifyRequest>(), status);
    if (status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
    void reply.status(status).send(body);
  }

  #report(error: unknown, request: FastifyRequest, status: number): void {
    const cause = error instanceof HttpException && error.cause !== undefined ? error.cause : error;
    const message = status === 503 ? 'The database is unavailable' : 'A request failed unexpectedly';
    this.#logger.error(message, { err: cause, request_id: request.id });
  }
}

function toAnswer(error: unknown): Answer {
  if (error instanceof ApiError || error instanceof BearerError) {
    return { status: error.getStatus(), body: error.getResponse() };
  }
  if (error instanceof BadHostError) return refusal(400, 'invalid_request', error.message);
  const status = isStorageUnavailable(error) ? 503 : statusOf(error);
  switch (status) {
    case 404:
      return refusal(status, 'not_found', 'There is nothing at this path');
    case 405:
      return refusal(status, 'method_not_allowed', 'The method is not allowed at this path');
    case 413:
      return refusal(status, 'invalid_request', 'The request body is too large');
    case 415:
      // 400 and not 415: in this API all errors of a body are invalid_request.
      return refusal(400, 'invalid_request', 'The request body must be application/json');
    case 503:
      return refusal(status, 'temporarily_unavailable', 'The service is unavailable at the moment');
    default:
      return status >= 400 && status < 500
        ? refusal(400, 'invalid_request', 'The request is malformed')
        : refusal(500, 'server_error', 'The request failed');
  }
}

function refusal(status: HttpStatus, error: OAuthErrorCode, description: string): Answer {
  const body: OAuthErrorResponse = { error, error_description: description };
  return { status, body };
}

/** Nest's exceptions have a method for it, Fastify's errors a property. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : 500;
}
