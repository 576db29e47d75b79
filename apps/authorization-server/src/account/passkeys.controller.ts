import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Describe, DescribeAll, objectSchema, oneOf, TEXT, type TypeOf } from '@latchkey/platform/openapi';
import { RequireOwnerToken, RequireScopes, ResourceOwner } from '@latchkey/resource-server';
import { IsObject } from 'class-validator';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { CurrentRequest, type RequestContext } from '../oauth/common/request-context.js';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import { CREATION_OPTIONS } from '../second-factors/passkey-options.js';
import { ACCOUNT_PART } from './account.controller.js';
import { AccountSecondFactorsService } from './account-second-factors.service.js';
import { ChangesSecondFactors } from './own-second-factor.policy.js';

class AddPasskeyRequest {
  /** The result of `PublicKeyCredential.toJSON()` (WebAuthn section 5.1). */
  @IsObject()
  credential!: object;
}

const OPTIONS = objectSchema({ public_key: CREATION_OPTIONS });

const ADDED_PASSKEY = objectSchema({ id: TEXT, type: oneOf('passkey'), state: oneOf('active') });

const EXAMPLE_CREDENTIAL = {
  id: 'AbCdEfGhIjKlMnOpQrStUv',
  rawId: 'AbCdEfGhIjKlMnOpQrStUv',
  type: 'public-key',
  response: { clientDataJSON: 'eyJ0eXBlIjoi', attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ' },
  clientExtensionResults: {},
};

/** Adding a passkey takes two requests: one for the options, and one with the result of the authenticator. */
@DescribeAll(ACCOUNT_PART)
@RequireOwnerToken()
@RequireScopes(ACCOUNT_SCOPE)
@Controller('account/passkeys')
export class PasskeysController {
  constructor(private readonly factors: AccountSecondFactorsService) {}

  @Post('options')
  @HttpCode(200)
  @ChangesSecondFactors()
  @Describe('Begins to add a passkey', {
    answer: OPTIONS,
    meaning: 'The options for navigator.credentials.create(), good for five minutes and once',
  })
  async beginOwnPasskey(@ResourceOwner() sub: string): Promise<TypeOf<typeof OPTIONS>> {
    return { public_key: await this.factors.beginPasskey(sub) };
  }

  @Post()
  @ChangesSecondFactors()
  @Describe('Adds the passkey that was begun', {
    example: { credential: EXAMPLE_CREDENTIAL },
    answer: ADDED_PASSKEY,
    meaning: 'A passkey, which is asked for from now on',
  })
  async addOwnPasskey(
    @ResourceOwner() sub: string,
    @Body() { credential }: AddPasskeyRequest,
    @CurrentRequest() context: RequestContext,
  ): Promise<TypeOf<typeof ADDED_PASSKEY>> {
    const id = await this.factors.addPasskey(sub, credential, context);
    if (id === null) throw new OAuthError('access_denied', 403, 'The passkey is refused');
    return { id, type: 'passkey', state: 'active' };
  }
}
