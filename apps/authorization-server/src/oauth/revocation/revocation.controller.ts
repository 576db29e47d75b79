import { Controller, Post } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { FormParameters } from '../common/form-parameters.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { RevocationService } from './revocation.service.js';

/** The revocation endpoint (RFC 7009 section 2). */
@Controller('oauth/revoke')
export class RevocationController {
  constructor(
    private readonly revocation: RevocationService,
    private readonly rates: ClientRates,
  ) {}

  @Post()
  @ClientEndpoint()
  async revoke(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() context: RequestContext,
  ): Promise<Record<string, never>> {
    await this.rates.takeTurn('revocation', client, context.address);
    await this.revocation.revoke(parameters.require('token'), client, context);
    // Clients ignore the body (RFC 7009 section 2.2), but some parse it as JSON before they do.
    return {};
  }
}
