import { HttpException } from '@nestjs/common';
import { isStorageUnavailable } from '@latchkey/platform/database';
import { BadHostError } from '@latchkey/platform/http';
import { HashQueueFullError } from '../../passwords/hash-queue.js';
import { OAuthError } from './oauth-error.js';

/** Maps a failure of any kind to the response of an OAuth endpoint. */
export function toOAuthError(exception: unknown): OAuthError {
  if (exception instanceof OAuthError) return exception;
  if (exception instanceof HashQueueFullError) {
    return OAuthError.temporarilyUnavailable(undefined, exception.message);
  }
  if (isStorageUnavailable(exception)) return OAuthError.temporarilyUnavailable(exception);
  if (exception instanceof BadHostError) return OAuthError.invalidRequest(exception.message);
  if (exception instanceof HttpException) return fromHttpException(exception);
  return new OAuthError('server_error', 500, 'The server failed', { cause: exception });
}

function fromHttpException(exception: HttpException): OAuthError {
  const status = exception.getStatus();
  const options = { detail: exception.message, cause: exception.cause };
  switch (status) {
    case 404:
      // Without Nest's message, which repeats the URL: a query may contain credentials.
      return OAuthError.notFound({ cause: exception.cause });
    case 405:
      return new OAuthError('method_not_allowed', 405, 'The method is not allowed', options);
    case 413:
      return new OAuthError('invalid_request', 413, 'The body is too large', options);
    case 415:
      return OAuthError.invalidRequest('The body must be application/json', options);
    case 503:
      return OAuthError.temporarilyUnavailable(exception.cause);
    default:
      return status < 500
        ? OAuthError.invalidRequest('The request is malformed', options)
        : new OAuthError('server_error', 500, 'The server failed', { cause: exception });
  }
}
