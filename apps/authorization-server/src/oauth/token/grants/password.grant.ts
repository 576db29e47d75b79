import { Injectable } from '@nestjs/common';
import { ScopeSet, type TokenResponse } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import { HashQueueFullError } from '../../../passwords/hash-queue.js';
import { normalizePassword } from '../../../passwords/password-format.js';
import { RefusalDelay } from '../../../throttling/refusal-delay.js';
import type { LoginSource } from '../../../throttling/login-source.js';
import { LoginThrottle } from '../../../throttling/login-throttle.js';
import { ACCOUNT_SCOPE } from '../../../scopes/reserved-scope.js';
import type { User } from '../../../users/user.js';
import { UserAuthenticator } from '../../../users/user-authenticator.js';
import { OAuthError } from '../../common/oauth-error.js';
import { requestedAcrs } from './acr-policy.js';
import { requestedAudience } from './audience-policy.js';
import type { GrantHandler, TokenRequest } from './grant-handler.js';
import { LoginRecorder } from './login-recorder.js';
import { loginSource } from './read-login-source.js';
import { OwnerTokens } from './owner-tokens.js';
import { scopeForOwner } from './scope-policy.js';
import { SecondFactorLogin } from './second-factor-login.js';

/**
 * Resource Owner Password Credentials (RFC 6749 section 4.3). RFC 9700 section 2.4 forbids it for new designs, so a
 * client may use it only if it is registered for it, and only until the configured date.
 */
@Injectable()
export class PasswordGrant implements GrantHandler {
  readonly grantType = 'password';
  readonly registeredAs = 'password';

  constructor(
    private readonly authenticator: UserAuthenticator,
    private readonly logins: LoginRecorder,
    private readonly throttle: LoginThrottle,
    private readonly refusalDelay: RefusalDelay,
    private readonly tokens: OwnerTokens,
    private readonly secondFactor: SecondFactorLogin,
  ) {}

  async handle(request: TokenRequest): Promise<TokenResponse> {
    const { client, parameters, context, headers } = request;
    assertMayUsePasswords(client);
    const source = loginSource(client, context);
    const username = parameters.require('username');
    const password = normalizePassword(parameters.require('password'));
    if (password === null) throw OAuthError.invalidRequest('The password is too long or malformed');
    const requested = scopeForOwner(client, parameters.get('scope'));
    const acrs = requestedAcrs(parameters.get('acr_values'));
    const audience = requestedAudience(parameters, client.audience);
    const address = source.address ?? context.address;
    this.#assertRoom(username, source);

    const login = await this.authenticator
      .authenticate(username, password, source)
      .catch(async (error: unknown) => {
        // Releasing the reservation has taken time, so the delay hides whether there was one.
        if (error instanceof HashQueueFullError) await this.refusalDelay.wait(context.arrivedAt);
        return this.logins.recordNotEvaluated(error);
      });
    if (login.user === null) {
      await this.logins.recordFailure(client, login, context, address);
      await this.refusalDelay.wait(context.arrivedAt);
      throw OAuthError.invalidCredentials(login.reason);
    }
    const scope = limitToAccountScope(login.user, allowedForUser(requested, login.user));
    if (scope.isEmpty) {
      await this.throttle.pass(login.reservation);
      throw OAuthError.invalidScope('Nothing of the scope is allowed for the resource owner');
    }
    const grant = this.tokens.prepare(client, login.user, scope, audience, address);
    const acr = await this.secondFactor.attainable(acrs, login.user, login.reservation);
    if (await this.secondFactor.isNeeded(client, login.user, acr, login.reservation)) {
      return this.secondFactor.begin(request, login.user, grant, acr, login.reservation);
    }
    const authorization = await this.logins.recordSuccess(grant, client, login, context);
    headers.set('Latchkey-Device', this.throttle.deviceValue(login.reservation));
    return this.tokens.issue(client, login.user, authorization);
  }

  /** Without a refusal delay, because the result does not depend on the account, except with a device value. */
  #assertRoom(username: string, source: LoginSource): void {
    try {
      this.authenticator.assertRoom(username, source);
    } catch (error) {
      this.logins.recordNotEvaluated(error);
    }
  }
}

/** Checks the client type again, whatever the registration says (RFC 6749 section 4.3: a trusted client). */
export function assertMayUsePasswords({ clientType, passwordGrantUntil }: Client): void {
  if (clientType !== 'confidential') {
    throw OAuthError.unauthorizedClient('The client may not use this grant type');
  }
  const today = new Date().toISOString().slice(0, 10);
  if (passwordGrantUntil !== null && today > passwordGrantUntil) {
    throw OAuthError.unauthorizedClient('The client may no longer use this grant type');
  }
}

/** Drops scopes that the user may not have; the `scope` of the response lists the rest (RFC 6749 section 3.3). */
function allowedForUser(requested: ScopeSet, user: User): ScopeSet {
  return user.allowedScope === null ? requested : requested.intersect(user.allowedScope);
}

/** With a password that must be changed, only the scope for changing it is granted, if it was requested. */
function limitToAccountScope({ passwordChangeRequired }: User, scope: ScopeSet): ScopeSet {
  return passwordChangeRequired ? scope.intersect(ScopeSet.of([ACCOUNT_SCOPE])) : scope;
}
