import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from '../../clients/client.js';
import { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { ClientAuthenticationMetrics } from './client-authentication-metrics.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { CLIENT_BASIC } from './client-basic.strategy.js';
import {
  assertNoOtherCredentials,
  readClientCredentials,
  type ClientCredentials,
} from './client-credentials.js';
import { ClientAuthenticationCache } from './client-authentication-cache.js';

export interface ClientRequest extends FastifyRequest {
  body: FormParameters;
  clientCredentials?: ClientCredentials;
  client?: Client;
}

/** Authenticates the client of an OAuth request, by Basic or in the body (RFC 6749 section 2.3). */
@Injectable()
export class ClientAuthenticationGuard extends AuthGuard(CLIENT_BASIC) {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly metrics: ClientAuthenticationMetrics,
    private readonly authenticated: ClientAuthenticationCache,
  ) {
    super({ property: 'clientCredentials' });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      await this.#authenticate(context);
    } catch (error) {
      this.metrics.failed(error);
      throw error;
    }
    return true;
  }

  async #authenticate(context: ExecutionContext): Promise<void> {
    const request = context.switchToHttp().getRequest<ClientRequest>();
    request.client = this.authenticated.clientOf(request) ?? (await this.#prove(context, request));
  }

  async #prove(context: ExecutionContext, request: ClientRequest): Promise<Client> {
    const { authorization } = request.headers;
    const credentials = readClientCredentials(authorization, request.body);
    if (authorization !== undefined) await super.canActivate(context);
    const { elapsedTime } = context.switchToHttp().getResponse<FastifyReply>();
    const peer = { address: request.remoteAddress, arrivedAt: performance.now() - elapsedTime };
    // Passport knows only one text of the credentials.
    const presented = { ...credentials, ...request.clientCredentials };
    const client = await this.authenticator.authenticate(presented, peer);
    assertNoOtherCredentials(
      authorization === undefined ? FormParameters.NONE : request.body,
      client.clientId,
    );
    if (authorization !== undefined) this.authenticated.cache(authorization, client);
    return client;
  }

  /** Passport's own failure would be a 401 without a challenge. Our own errors are thrown unchanged. */
  override handleRequest<T = ClientCredentials>(
    error: unknown,
    credentials: T | false | null | undefined,
  ): T {
    if (error instanceof Error) throw error;
    if (!credentials) throw OAuthError.invalidClient('passport refused the Basic credentials');
    return credentials;
  }
}
