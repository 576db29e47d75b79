import { HttpException, HttpStatus } from '@nestjs/common';
import type { OAuthErrorCode, OAuthErrorResponse, ScopeSet } from '@latchkey/contracts';
import { Refusal } from './refusal.js';

/** Used when it is unknown when the authorization server will answer again. */
const RETRY_AFTER_SECONDS = 2;

interface Parts {
  status: HttpStatus;
  /** `null`: the request has no token, for which RFC 6750 section 3.1 allows no error information. */
  code: OAuthErrorCode | null;
  description: string;
  challenge: boolean;
  scope?: ScopeSet;
  /** The parameters of a sufficient login (RFC 9470 section 3). */
  login?: LoginParameters;
  retryAfterSeconds?: number;
  detail?: Refusal | string | undefined;
  refusal?: Refusal;
}

/** The codes of GraphQL for the statuses of refusals. */
const GRAPHQL_CODES: Readonly<Record<number, string>> = {
  [HttpStatus.BAD_REQUEST]: 'BAD_REQUEST',
  [HttpStatus.UNAUTHORIZED]: 'UNAUTHENTICATED',
  [HttpStatus.FORBIDDEN]: 'FORBIDDEN',
  [HttpStatus.NOT_FOUND]: 'NOT_FOUND',
};

/** The parameters with which a client lets its user log in again. */
interface LoginParameters {
  readonly acrValues: readonly string[] | null;
  readonly maxAgeSeconds: number | null;
}

/** The common part of the challenges of one API. */
export interface ChallengeContext {
  readonly realm: string;
  /** The URL of the metadata of the API (RFC 9728 section 5.1); `null`: none. */
  readonly resourceMetadata: string | null;
}

/**
 * A refusal at a protected resource, with its status, its `WWW-Authenticate` challenge and its public description.
 * `detail` is for the log and never sent to the client.
 *
 * It is an `HttpException`, so that a catch-all filter of the application keeps its status and body.
 *
 * @see RFC 6750 section 3
 */
export class BearerError extends HttpException {
  /** For the log only. */
  readonly detail: string | null;

  /** The reason, for the log and for counters; `null` when the application refuses for reasons of its own. */
  readonly refusal: Refusal | null;

  readonly #parts: Parts;

  private constructor(parts: Parts) {
    const body: OAuthErrorResponse = {
      error: parts.code ?? 'invalid_token',
      error_description: parts.description,
    };
    super(body, parts.status);
    this.name = 'BearerError';
    // In place of "Bearer Error": GraphQL and monitoring show the message, and not the body.
    this.message = parts.description;
    this.detail = parts.detail?.toString() ?? null;
    this.refusal = parts.refusal ?? (parts.detail instanceof Refusal ? parts.detail : null);
    this.#parts = parts;
  }

  /** The request carries no access token (RFC 6750 section 3.1: no error code in the challenge). */
  static missingToken(): BearerError {
    return new BearerError({
      status: HttpStatus.UNAUTHORIZED,
      code: null,
      description: 'An access token is required',
      challenge: true,
      detail: new Refusal('no_token'),
    });
  }

  /** More than one token, or more than one method of sending it. */
  static invalidRequest(description: string, detail?: Refusal | string): BearerError {
    return new BearerError({
      status: HttpStatus.BAD_REQUEST,
      code: 'invalid_request',
      description,
      challenge: true,
      detail,
    });
  }

  /** Expired, revoked, malformed, unknown, or meant for another API: the same text for all of them. */
  static invalidToken(detail?: Refusal | string): BearerError {
    return new BearerError({
      status: HttpStatus.UNAUTHORIZED,
      code: 'invalid_token',
      description: 'The access token is not valid',
      challenge: true,
      detail,
    });
  }

  /**
   * @param required all scopes that the route requires, which the challenge names
   * @param granted the scopes of the token, for the log
   */
  static insufficientScope(required: ScopeSet, granted?: ScopeSet): BearerError {
    return new BearerError({
      status: HttpStatus.FORBIDDEN,
      code: 'insufficient_scope',
      description: 'The access token does not have the required scope',
      challenge: true,
      scope: required,
      detail: new Refusal('scope', { expected: [...required], ...(granted && { found: [...granted] }) }),
    });
  }

  /**
   * The token is valid, but its login was of another class than the route requires, or is too old.
   *
   * @see RFC 9470 section 3
   */
  static insufficientUserAuthentication(login: LoginParameters, detail?: Refusal | string): BearerError {
    return new BearerError({
      status: HttpStatus.UNAUTHORIZED,
      code: 'insufficient_user_authentication',
      description: 'A stronger or more recent login is required',
      challenge: true,
      login,
      detail,
    });
  }

  /** The token is valid and has the scope, but no token of this owner or client would be allowed. */
  static accessDenied(description: string, detail?: Refusal | string): BearerError {
    return new BearerError({
      status: HttpStatus.FORBIDDEN,
      code: 'access_denied',
      description,
      challenge: false,
      detail,
    });
  }

  /** There is no such resource, or this owner must not know of it. */
  static notFound(detail?: Refusal | string): BearerError {
    return new BearerError({
      status: HttpStatus.NOT_FOUND,
      code: 'not_found',
      description: 'There is no such resource',
      challenge: false,
      detail,
    });
  }

  /**
   * The token could not be checked. It may be valid, so the status is not 401.
   *
   * @param retryAfterSeconds `null`: unknown
   */
  static temporarilyUnavailable(
    retryAfterSeconds: number | null,
    detail: string,
    description = 'The access token cannot be checked at the moment',
  ): BearerError {
    return new BearerError({
      status: HttpStatus.SERVICE_UNAVAILABLE,
      code: 'temporarily_unavailable',
      description,
      challenge: false,
      retryAfterSeconds: retryAfterSeconds ?? RETRY_AFTER_SECONDS,
      detail,
      refusal: new Refusal('unavailable'),
    });
  }

  /** The value of `WWW-Authenticate`; `null` for a refusal for which another token would not help. */
  challenge({ realm, resourceMetadata }: ChallengeContext): string | null {
    const { challenge, code, description, scope } = this.#parts;
    if (!challenge) return null;
    const parameters: Record<string, string> = { realm };
    if (resourceMetadata !== null) parameters.resource_metadata = resourceMetadata;
    if (code !== null) {
      parameters.error = code;
      parameters.error_description = description;
    }
    if (scope) parameters.scope = scope.toString();
    Object.assign(parameters, this.#loginParameters());
    return `Bearer ${Object.entries(parameters)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}`;
  }

  /** The refusal as a message, for transports without statuses and headers: sockets and microservices. */
  toMessage(): Record<string, unknown> {
    return { status: 'error', message: this.#parts.description, ...this.#details() };
  }

  /** The `extensions` of the error in GraphQL. */
  get extensions(): Record<string, unknown> {
    const code = GRAPHQL_CODES[this.getStatus()] ?? 'INTERNAL_SERVER_ERROR';
    return { code, ...this.#details() };
  }

  /** The content of status, body and challenge as one object. */
  #details(): Record<string, unknown> {
    const { scope } = this.#parts;
    return {
      statusCode: this.getStatus(),
      ...(this.getResponse() as OAuthErrorResponse),
      ...(scope && { scope: scope.toString() }),
      ...this.#loginParameters(),
    };
  }

  #loginParameters(): { acr_values?: string; max_age?: string } {
    const { login } = this.#parts;
    return {
      ...(login?.acrValues && { acr_values: login.acrValues.join(' ') }),
      ...(typeof login?.maxAgeSeconds === 'number' && { max_age: String(login.maxAgeSeconds) }),
    };
  }

  /** All headers of the refusal. */
  headers(context: ChallengeContext): Record<string, string> {
    const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
    const challenge = this.challenge(context);
    if (challenge !== null) headers['WWW-Authenticate'] = challenge;
    const { retryAfterSeconds } = this.#parts;
    if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
    return headers;
  }
}
