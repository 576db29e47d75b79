import { Controller, HttpCode, Post } from '@nestjs/common';
import { Describe, DescribeAll, objectSchema, oneOf, TEXT, type TypeOf } from '@latchkey/platform/openapi';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { CLIENT_PART, formBody, RATED } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { REQUEST_OPTIONS } from '../../second-factors/passkey-options.js';
import { WaitingLogins } from '../token/grants/waiting-logins.js';

const CHALLENGE = objectSchema(
  { challenge_type: oneOf('otp', 'passkey') },
  // For `navigator.credentials.get()`.
  { public_key: REQUEST_OPTIONS },
);

const ASSOCIATION = objectSchema({ authenticator_type: oneOf('otp'), secret: TEXT, barcode_uri: TEXT });

const EXAMPLE_MFA_TOKEN = 'lkm_Zm9yIGV4YW1wbGUgb25seSwgbm90aGluZyB0byB1c2U';

const CHALLENGE_TYPE = {
  ...TEXT,
  description: 'What the client can show, separated by spaces: `otp`, `passkey`',
};

const WAITING_LOGIN = formBody({ mfa_token: TEXT }, { challenge_type: CHALLENGE_TYPE });

/** What a login that waits for a second factor may ask for. The paths of Auth0 lead here too, for clients that were made for it. */
@DescribeAll(CLIENT_PART)
@Controller(['oauth/mfa', 'mfa'])
export class MfaController {
  constructor(
    private readonly logins: WaitingLogins,
    private readonly rates: ClientRates,
  ) {}

  @Post('challenge')
  @HttpCode(200)
  @ClientEndpoint()
  @Describe('Says which second factor a login waits for', {
    body: WAITING_LOGIN,
    example: { mfa_token: EXAMPLE_MFA_TOKEN, challenge_type: 'passkey' },
    answer: CHALLENGE,
    refusals: { ...RATED, 403: 'The user has no passkey, which was asked for' },
  })
  async challengeFactor(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() { address }: RequestContext,
  ): Promise<TypeOf<typeof CHALLENGE>> {
    await this.rates.takeTurn('token', client, address);
    const handle = parameters.require('mfa_token');
    if ((parameters.get('challenge_type') ?? '').split(' ').includes('passkey')) {
      return { challenge_type: 'passkey', public_key: await this.logins.challengePasskey(client, handle) };
    }
    await this.logins.assertWaits(client, handle);
    return { challenge_type: 'otp' };
  }

  @Post('associate')
  @HttpCode(200)
  @ClientEndpoint()
  @Describe('Gives a user who has none, and needs one to log in, a second factor', {
    body: WAITING_LOGIN,
    example: { mfa_token: EXAMPLE_MFA_TOKEN },
    answer: ASSOCIATION,
    meaning: 'A new second factor, whose first code ends the login; the secret is shown once',
    refusals: { ...RATED, 403: 'The user has a second factor already' },
  })
  async associateFactor(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() { address }: RequestContext,
  ): Promise<TypeOf<typeof ASSOCIATION>> {
    await this.rates.takeTurn('token', client, address);
    const { secret, uri } = await this.logins.enrol(client, parameters.require('mfa_token'));
    return { authenticator_type: 'otp', secret, barcode_uri: uri };
  }
}
