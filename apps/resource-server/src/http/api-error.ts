import { HttpException, HttpStatus } from '@nestjs/common';
import type { OAuthErrorCode, OAuthErrorResponse } from '@latchkey/contracts';

/** A refusal of this API as clients see it. */
export class ApiError extends HttpException {
  constructor(
    readonly code: OAuthErrorCode,
    description: string,
    status: HttpStatus,
  ) {
    const body: OAuthErrorResponse = { error: code, error_description: description };
    super(body, status);
    this.name = 'ApiError';
  }

  static invalidRequest(description: string): ApiError {
    return new ApiError('invalid_request', description, HttpStatus.BAD_REQUEST);
  }

  /** For resources that do not exist, and for those that the caller may not know of: both look the same. */
  static resourceNotFound(): ApiError {
    return new ApiError('not_found', 'There is no such resource', HttpStatus.NOT_FOUND);
  }

  static accessDenied(description: string): ApiError {
    return new ApiError('access_denied', description, HttpStatus.FORBIDDEN);
  }
}
