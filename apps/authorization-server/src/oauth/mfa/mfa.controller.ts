import { Controller, HttpCode, Post } from '@nestjs/common';
import {
  Describe,
  DescribeAll,
  objectSchema,
  oneOf,
  TEXT,
  type Schema,
  type TypeOf,
} from '@latchkey/platform/openapi';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { CLIENT_PART, formBody, RATED } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { REQUEST_OPTIONS } from '../../second-factors/passkey-options.js';
import { MfaChallenges, type BegunChallenge } from './mfa-challenges.js';
import { WaitingLogins } from '../token/grants/waiting-logins.js';

const CHALLENGE: Schema<BegunChallenge> = {
  anyOf: [
    objectSchema({ challenge_type: oneOf('otp') }),
    // `public_key` is for `navigator.credentials.get()`.
    objectSchema({ challenge_type: oneOf('passkey'), public_key: REQUEST_OPTIONS }),
    objectSchema({
      challenge_type: oneOf('oob'),
      oob_code: TEXT,
      binding_method: oneOf('prompt'),
      oob_channel: oneOf('email'),
      sent_to: TEXT,
    }),
  ],
};

const ASSOCIATION = objectSchema({ authenticator_type: oneOf('otp'), secret: TEXT, barcode_uri: TEXT });

const EXAMPLE_MFA_TOKEN = 'lkm_Zm9yIGV4YW1wbGUgb25seSwgbm90aGluZyB0byB1c2U';

const CHALLENGE_TYPE = {
  ...TEXT,
  description: 'What the client can show, separated by spaces: `otp`, `oob`, `passkey`',
};

const WAITING_LOGIN = formBody({ mfa_token: TEXT }, { challenge_type: CHALLENGE_TYPE });

/** What a login that waits for a second factor may ask for. The paths of Auth0 lead here too, for clients that were made for it. */
@DescribeAll(CLIENT_PART)
@Controller(['oauth/mfa', 'mfa'])
export class MfaController {
  constructor(
    private readonly logins: WaitingLogins,
    private readonly challenges: MfaChallenges,
    private readonly rates: ClientRates,
  ) {}

  @Post('challenge')
  @HttpCode(200)
  @ClientEndpoint()
  @Describe('Says which second factor a login waits for, and sends a code by e-mail where that is it', {
    body: formBody({ mfa_token: TEXT }, { challenge_type: CHALLENGE_TYPE, authenticator_id: TEXT }),
    example: { mfa_token: EXAMPLE_MFA_TOKEN, challenge_type: 'passkey' },
    answer: CHALLENGE,
    refusals: {
      403: 'The user has no passkey, which was asked for',
      429: 'The client sends too many requests, or too many codes were sent',
      503: 'The code could not be sent, the server is busy, or its database does not answer',
    },
  })
  async challengeFactor(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() context: RequestContext,
  ): Promise<BegunChallenge> {
    await this.rates.takeTurn('token', client, context.address);
    return this.challenges.begin(client, parameters, context);
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
