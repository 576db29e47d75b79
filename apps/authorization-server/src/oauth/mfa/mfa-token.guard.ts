import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { countHeaderLines } from '@latchkey/platform/http';
import {
  ClientAuthenticationGuard,
  type ClientRequest,
} from '../client-authentication/client-authentication.guard.js';
import { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { isForAuth0 } from '../common/parse-form-bodies.js';
import { WaitingLogins } from '../token/grants/waiting-logins.js';

const CHALLENGE = '/mfa/challenge';
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/**
 * Authenticates the client of a login that waits for a second factor. On Auth0's paths the `mfa_token` may replace the
 * client's credentials, as a bearer token or in the body, for requests that do not change what the client has started.
 * Tokens are issued at another endpoint, to authenticated clients only.
 */
@Injectable()
export class MfaTokenGuard implements CanActivate {
  constructor(
    private readonly clients: ClientAuthenticationGuard,
    private readonly logins: WaitingLogins,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ClientRequest>();
    if (!isForAuth0(request)) return this.clients.canActivate(context);
    const parameters = parametersOf(request);
    const bearer = takeBearer(request);
    if (bearer === null) {
      if (request.method === 'GET') throw OAuthError.invalidMfaBearer('no bearer token');
      request.body = parameters;
      await this.#identify(context, request);
      return true;
    }
    if (![null, bearer].includes(parameters.get('mfa_token'))) {
      throw OAuthError.invalidRequest('The request has more than one mfa_token');
    }
    request.body = parameters.with('mfa_token', bearer);
    try {
      await this.#identify(context, request);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code !== 'invalid_grant') throw error;
      throw OAuthError.invalidMfaBearer(error.detail);
    }
    return true;
  }

  async #identify(context: ExecutionContext, request: ClientRequest): Promise<void> {
    const { headers, body } = request;
    const handle = body.get('mfa_token');
    const presentsClient = headers.authorization !== undefined || body.get('client_secret') !== null;
    // Other challenge types send a message, or replace the challenge that the client has asked for.
    const isHarmless = request.routeOptions.url !== CHALLENGE || body.get('challenge_type') === 'otp';
    if (handle === null || presentsClient || !isHarmless) {
      await this.clients.canActivate(context);
      if (handle !== null && request.client) await this.logins.findWaiting(request.client, handle);
      return;
    }
    const client = await this.logins.clientOf(handle);
    if (![null, client.clientId].includes(body.get('client_id'))) {
      throw OAuthError.invalidMfaToken('of another client');
    }
    // The `mfa_token` proves no more than a public client's id, so the request must not count as authenticated.
    request.client = { ...client, clientType: 'public' };
  }
}

function parametersOf({ body }: { body: unknown }): FormParameters {
  if (body instanceof FormParameters) return body;
  return typeof body === 'object' && body !== null ? FormParameters.ofJson(body) : FormParameters.NONE;
}

/** Takes the bearer token from the header, which then names no client. Client parameters may be in the body. */
function takeBearer({ raw, headers }: ClientRequest): string | null {
  const { authorization } = headers;
  if (!/^bearer\b/i.test(authorization ?? '')) return null;
  if (countHeaderLines(raw, 'authorization') > 1) throw OAuthError.severalCredentials();
  const bearer = BEARER.exec(authorization ?? '')?.[1];
  if (bearer === undefined) throw OAuthError.invalidMfaBearer('malformed');
  delete headers.authorization;
  return bearer;
}
