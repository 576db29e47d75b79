import { Controller, Post } from '@nestjs/common';
import { Describe, DescribeAll, objectSchema } from '@latchkey/platform/openapi';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { CLIENT_PART, EXAMPLE_TOKEN, RATED, TOKEN_FORM } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { RevocationService } from './revocation.service.js';

/** The revocation endpoint (RFC 7009 section 2). */
@DescribeAll(CLIENT_PART)
@Controller('oauth/revoke')
export class RevocationController {
  constructor(
    private readonly revocation: RevocationService,
    private readonly rates: ClientRates,
  ) {}

  @Post()
  @ClientEndpoint()
  @Describe('Ends a login by any of its tokens (RFC 7009); a live token of another client is refused', {
    body: TOKEN_FORM,
    example: { token: EXAMPLE_TOKEN },
    answer: objectSchema({}),
    meaning: 'The token is of no use, whatever it was',
    refusals: RATED,
  })
  async revokeToken(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() context: RequestContext,
  ): Promise<Record<string, never>> {
    await this.rates.takeTurn('revocation', client, context.address);
    await this.revocation.revoke(parameters.require('token'), client, context);
    // Clients should ignore the body (RFC 7009 section 2.2), but some parse it as JSON first.
    return {};
  }
}
