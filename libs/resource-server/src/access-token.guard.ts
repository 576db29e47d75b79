import { Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { setAccessToken, type AccessToken } from './access-token.js';
import { BearerError } from './bearer-error.js';
import { extractBearerToken, type HttpRequest } from './bearer-token.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';
import { isPublic } from './public.decorator.js';
import {
  assertOwner,
  assertOwnerToken,
  ownerParametersOf,
  requiresOwnerToken,
} from './require-owner.decorator.js';
import { assertScopes, requiredScopesOf } from './require-scopes.decorator.js';
import { ResourceServerSettings } from './resource-server-settings.js';
import { TokenIntrospector } from './token-introspector.js';

const RETRY_AFTER_SECONDS = 2;

/**
 * Stands before every route of the application: token, then scopes, then owner. What is not marked public and cannot
 * show a valid token does not pass.
 */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  readonly #logger = new Logger('ResourceServer');

  constructor(
    private readonly introspector: TokenIntrospector,
    private readonly adapterHost: HttpAdapterHost,
    private readonly settings: ResourceServerSettings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Bearer tokens are defined for HTTP; a message handler that this guard is bound to has nothing to show.
    if (context.getType() !== 'http') return false;
    if (isPublic(context)) return true;
    try {
      const request = context.switchToHttp().getRequest<HttpRequest & { params?: unknown }>();
      const token = await this.#authenticate(request);
      authorize(token, context, request.params);
      setAccessToken(request, token);
      return true;
    } catch (error) {
      if (error instanceof BearerError) this.#prepare(context, error);
      throw error;
    }
  }

  async #authenticate(request: HttpRequest): Promise<AccessToken> {
    const bearer = extractBearerToken(request);
    if (bearer === null) throw BearerError.missingToken();
    const token = await this.#introspect(bearer);
    if (token === null) throw BearerError.invalidToken();
    return token;
  }

  async #introspect(bearer: string): Promise<AccessToken | null> {
    try {
      return await this.introspector.introspect(bearer);
    } catch (error) {
      if (!(error instanceof IntrospectionUnavailableError)) throw error;
      this.#logger.error(`An access token cannot be checked: ${error.message}`);
      throw BearerError.temporarilyUnavailable(RETRY_AFTER_SECONDS, error.message);
    }
  }

  /** Sets the challenge here too: an application's own catch-all filter may come before ours, and knows no headers. */
  #prepare(context: ExecutionContext, error: BearerError): void {
    const response: unknown = context.switchToHttp().getResponse();
    for (const [name, value] of Object.entries(error.headers(this.settings.realm))) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
  }
}

function authorize(token: AccessToken, context: ExecutionContext, pathParameters: unknown): void {
  const targets = [context.getClass(), context.getHandler()];
  assertScopes(token, requiredScopesOf(...targets));
  if (requiresOwnerToken(...targets)) assertOwnerToken(token);
  for (const parameter of ownerParametersOf(...targets)) assertOwner(token, pathParameters, parameter);
}
