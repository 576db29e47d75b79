import { Injectable } from '@nestjs/common';
import type { TokenResponse } from '@latchkey/contracts';
import type { GrantHandler, TokenRequest } from './grant-handler.js';
import { assertMayUsePasswords } from './password.grant.js';
import { SecondFactorLogin } from './second-factor-login.js';

/** The second step of a login with a password: a code of an authenticator application. */
@Injectable()
export class MfaOtpGrant implements GrantHandler {
  readonly grantType = 'urn:latchkey:grant-type:mfa-otp';
  readonly alias = 'http://auth0.com/oauth/grant-type/mfa-otp';
  readonly registeredAs = 'password';

  constructor(private readonly login: SecondFactorLogin) {}

  async handle(request: TokenRequest): Promise<TokenResponse> {
    assertMayUsePasswords(request.client);
    return this.login.proceed(request, 'otp');
  }
}

/** The second step of a login with a password, for who has lost the authenticator application. */
@Injectable()
export class MfaRecoveryCodeGrant implements GrantHandler {
  readonly grantType = 'urn:latchkey:grant-type:mfa-recovery-code';
  readonly alias = 'http://auth0.com/oauth/grant-type/mfa-recovery-code';
  readonly registeredAs = 'password';

  constructor(private readonly login: SecondFactorLogin) {}

  async handle(request: TokenRequest): Promise<TokenResponse> {
    assertMayUsePasswords(request.client);
    return this.login.proceed(request, 'recovery-code');
  }
}
