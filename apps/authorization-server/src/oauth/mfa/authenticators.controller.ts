import { Controller, Get, UseGuards } from '@nestjs/common';
import {
  BOOLEAN,
  Describe,
  DescribeAll,
  listOf,
  objectSchema,
  oneOf,
  TEXT,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { Public } from '@latchkey/resource-server';
import type { Client } from '../../clients/client.js';
import type { SecondFactors } from '../../second-factors/second-factors.service.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { MFA_TOKEN_PART, RATED } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { NoParametersGuard } from '../common/no-parameters.guard.js';
import { TakesForm } from '../common/parse-form-bodies.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { WaitingLogins } from '../token/grants/waiting-logins.js';
import { MfaTokenGuard } from './mfa-token.guard.js';

const AUTHENTICATORS = listOf(
  objectSchema(
    {
      id: TEXT,
      authenticator_type: oneOf('otp', 'oob', 'passkey', 'recovery-code'),
      // `false` until its first code was shown.
      active: BOOLEAN,
    },
    // For `oob`: `name` is the masked address.
    { oob_channel: oneOf('email'), name: TEXT },
  ),
);

/** The second factors of the user whose login waits, in Auth0's terms. */
@DescribeAll(MFA_TOKEN_PART)
@Controller('mfa/authenticators')
export class AuthenticatorsController {
  constructor(
    private readonly logins: WaitingLogins,
    private readonly rates: ClientRates,
  ) {}

  // Auth0's published commands declare a form type although they have no body.
  @Get()
  @Public()
  @TakesForm()
  @UseGuards(NoParametersGuard, MfaTokenGuard)
  @Describe('Lists the second factors of the user whose login waits, for clients made for Auth0', {
    answer: AUTHENTICATORS,
    meaning: 'The second factors; none where the user has to enrol',
    refusals: RATED,
  })
  async listAuthenticators(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() { address }: RequestContext,
  ): Promise<TypeOf<typeof AUTHENTICATORS>> {
    await this.rates.takeTurn('token', client, address);
    return toAuthenticators(await this.logins.listFactors(client, parameters.require('mfa_token')));
  }
}

function toAuthenticators({
  factors,
  passkeys,
  recoveryCodes,
}: SecondFactors): TypeOf<typeof AUTHENTICATORS> {
  return [
    ...(recoveryCodes > 0
      ? [{ id: 'recovery-code', authenticator_type: 'recovery-code' as const, active: true }]
      : []),
    ...factors.map(({ id, confirmedAt, address }) =>
      address === null
        ? { id: `totp|${id}`, authenticator_type: 'otp' as const, active: confirmedAt !== null }
        : {
            id: `email|${id}`,
            authenticator_type: 'oob' as const,
            active: confirmedAt !== null,
            oob_channel: 'email' as const,
            name: address,
          },
    ),
    ...passkeys.map(({ id }) => ({
      id: `passkey|${id}`,
      authenticator_type: 'passkey' as const,
      active: true,
    })),
  ];
}
