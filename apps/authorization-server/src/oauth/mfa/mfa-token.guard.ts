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
 * Authenticates the client of a login that waits for a second factor. At Auth0's paths the `mfa_token` may do in place of the
 * client, as a bearer token or in the body, for what changes nothing that its client has begun. Tokens are issued elsewhere, to
 * clients that authenticate.
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
    // Others send a message, or take the place of the challenge that the client has asked for.
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
    // It has proven no more than a public client, so that it has no part in what authenticated requests may do.
    request.client = { ...client, clientType: 'public' };
  }
}

function parametersOf({ body }: { body: unknown }): FormParameters {
  if (body instanceof FormParameters) return body;
  return typeof body === 'object' && body !== null ? FormParameters.ofJson(body) : FormParameters.NONE;
}

/** Of the header, which then names no client: what there is of one stands in the body. */
function takeBearer({ raw, headers }: ClientRequest): string | null {
  const { authorization } = headers;
  if (!/^bearer\b/i.test(authorization ?? '')) return null;
  if (countHeaderLines(raw, 'authorization') > 1) throw OAuthError.severalCredentials();
  const bearer = BEARER.exec(authorization ?? '')?.[1];
  if (bearer === undefined) throw OAuthError.invalidMfaBearer('malformed');
  delete headers.authorization;
  return bearer;
}
