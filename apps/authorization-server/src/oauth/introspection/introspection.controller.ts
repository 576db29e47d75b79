import { Controller, Post } from '@nestjs/common';
import type { IntrospectionResponse } from '@latchkey/contracts';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { FormParameters } from '../common/form-parameters.js';
import { Form } from '../common/request-context.js';
import { assertMayIntrospect } from './may-introspect.js';
import { IntrospectionService } from './introspection.service.js';

/** The introspection endpoint (RFC 7662 section 2), for clients that are registered as resource servers. */
@Controller('oauth/introspect')
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post()
  @ClientEndpoint()
  introspect(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
  ): Promise<IntrospectionResponse> {
    assertMayIntrospect(client);
    return this.introspection.introspect(parameters.require('token'), client.audience);
  }
}
