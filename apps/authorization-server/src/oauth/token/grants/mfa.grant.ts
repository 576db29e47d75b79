import type { TokenResponse } from '@latchkey/contracts';
import type { GrantHandler, TokenRequest } from './grant-handler.js';
import { assertMayUsePasswords } from './password.grant.js';
import { FACTORS, type Factor } from './second-factor.js';
import type { SecondFactorLogin } from './second-factor-login.js';

/** The second step of a login with a password, for one kind of second factor. */
export class MfaGrant implements GrantHandler {
  readonly grantType;
  readonly alias?: string;
  readonly registeredAs = 'password';

  constructor(
    private readonly login: SecondFactorLogin,
    private readonly factor: Factor,
  ) {
    this.grantType = FACTORS[factor].grantType;
    const { alias } = FACTORS[factor];
    if (alias !== undefined) this.alias = alias;
  }

  async handle(request: TokenRequest): Promise<TokenResponse> {
    assertMayUsePasswords(request.client);
    return this.login.proceed(request, this.factor);
  }
}
