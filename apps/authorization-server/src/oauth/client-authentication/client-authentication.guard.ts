import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import type { Client } from '../../clients/client.js';
import type { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { CLIENT_BASIC } from './client-basic.strategy.js';
import { readClientCredentials, type ClientCredentials } from './client-credentials.js';

export interface ClientRequest extends FastifyRequest {
  body: FormParameters;
  clientCredentials?: ClientCredentials;
  client?: Client;
}

/** Authenticates the client of an OAuth request, by Basic or in the body (RFC 6749 section 2.3). */
@Injectable()
export class ClientAuthenticationGuard extends AuthGuard(CLIENT_BASIC) {
  constructor(private readonly authenticator: ClientAuthenticator) {
    super({ property: 'clientCredentials' });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ClientRequest>();
    assertOneAuthorizationHeader(request);
    const credentials = readClientCredentials(request.headers.authorization, request.body);
    if (credentials.method === 'client_secret_basic') await super.canActivate(context);
    else request.clientCredentials = credentials;
    request.client = await this.authenticator.authenticate(request.clientCredentials ?? credentials);
    return true;
  }

  /** Passport's own failure would be a 401 without a challenge; an error of ours is already what it should be. */
  override handleRequest<T = ClientCredentials>(
    error: unknown,
    credentials: T | false | null | undefined,
  ): T {
    if (error instanceof Error) throw error;
    if (!credentials) throw OAuthError.invalidClient('passport refused the Basic credentials');
    return credentials;
  }
}

/** Node.js keeps the first of several and drops the rest; whatever stands before us may have looked at another one. */
function assertOneAuthorizationHeader({ raw: { rawHeaders } }: FastifyRequest): void {
  const sent = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization');
  if (sent.length > 1) {
    throw OAuthError.invalidRequest('The request has more than one set of client credentials');
  }
}
