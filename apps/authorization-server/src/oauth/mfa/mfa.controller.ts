import { applyDecorators, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import {
  Describe,
  DescribeAll,
  listOf,
  objectSchema,
  oneOf,
  TEXT,
  type Schema,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { Public } from '@latchkey/resource-server';
import type { Client } from '../../clients/client.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { CLIENT_PART, formBody, RATED } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { TakesForm } from '../common/parse-form-bodies.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { REQUEST_OPTIONS } from '../../second-factors/passkey-options.js';
import { MfaChallenges, type BegunChallenge } from './mfa-challenges.js';
import { WaitingLogins } from '../token/grants/waiting-logins.js';
import { MfaTokenGuard } from './mfa-token.guard.js';

const CHALLENGE: Schema<BegunChallenge> = {
  anyOf: [
    objectSchema({ challenge_type: oneOf('otp') }),
    // `public_key` is the argument of `navigator.credentials.get()`.
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

const ASSOCIATION = objectSchema({
  authenticator_type: oneOf('otp'),
  secret: TEXT,
  barcode_uri: TEXT,
  recovery_codes: { ...listOf(TEXT), examples: [['abcd-efgh-ijkl-mn23', 'qrst-uvwx-yz23-4567']] },
});

const EXAMPLE_MFA_TOKEN = 'lkm_Zm9yIGV4YW1wbGUgb25seSwgbm90aGluZyB0byB1c2U';

const CHALLENGE_TYPE = {
  ...TEXT,
  description: 'What the client can show, separated by spaces: `otp`, `oob`, `passkey`',
};

const MFA_TOKEN = { mfa_token: TEXT };

const AUTHENTICATOR_TYPES = {
  ...TEXT,
  description: 'What the client can enrol, separated by spaces: `otp`',
};

/** A form from a client. Auth0's paths also accept JSON, and requests from the holder of the `mfa_token`. */
function MfaEndpoint(): MethodDecorator {
  return applyDecorators(Public(), HttpCode(200), TakesForm(), UseGuards(MfaTokenGuard));
}

/** What a login that waits for a second factor may ask for, also under Auth0's paths for its clients. */
@DescribeAll(CLIENT_PART)
@Controller(['oauth/mfa', 'mfa'])
export class MfaController {
  constructor(
    private readonly logins: WaitingLogins,
    private readonly challenges: MfaChallenges,
    private readonly rates: ClientRates,
  ) {}

  @Post('challenge')
  @MfaEndpoint()
  @Describe('Says which second factor a login waits for, and sends a code by e-mail where that is it', {
    body: formBody(MFA_TOKEN, { challenge_type: CHALLENGE_TYPE, authenticator_id: TEXT }),
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
  @MfaEndpoint()
  @Describe('Gives a user who has none, and needs one to log in, a second factor', {
    body: formBody(MFA_TOKEN, { authenticator_types: AUTHENTICATOR_TYPES }),
    example: { mfa_token: EXAMPLE_MFA_TOKEN },
    answer: ASSOCIATION,
    meaning:
      'A new second factor, whose first code ends the login, and recovery codes, which are good from then on; they are shown once',
    refusals: { ...RATED, 403: 'The user has a second factor already' },
  })
  async associateFactor(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() { address }: RequestContext,
  ): Promise<TypeOf<typeof ASSOCIATION>> {
    await this.rates.takeTurn('token', client, address);
    const types = parameters.get('authenticator_types')?.split(' ') ?? ['otp'];
    if (!types.includes('otp')) throw OAuthError.invalidRequest('Only otp can be enrolled');
    const { secret, uri, recoveryCodes } = await this.logins.enrol(client, parameters.require('mfa_token'));
    return { authenticator_type: 'otp', secret, barcode_uri: uri, recovery_codes: recoveryCodes };
  }
}
