import { Controller, Post } from '@nestjs/common';
import type { ActiveTokenResponse, InactiveTokenResponse, IntrospectionResponse } from '@latchkey/contracts';
import {
  Describe,
  DescribeAll,
  INTEGER,
  listOf,
  named,
  objectSchema,
  oneOf,
  SCOPES,
  TEXT,
  type Schema,
} from '@latchkey/platform/openapi';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { CLIENT_PART, EXAMPLE_TOKEN, MAY_NOT_INTROSPECT, TOKEN_FORM } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { Form } from '../common/request-context.js';
import { assertMayIntrospect } from './may-introspect.js';
import { IntrospectionService } from './introspection.service.js';

const AUDIENCE: Schema<string | string[]> = { anyOf: [TEXT, listOf(TEXT)] };
const GROUPS: Schema<string[]> = { type: 'array', items: TEXT };

const INACTIVE: Schema<InactiveTokenResponse> = objectSchema({ active: oneOf(false) });

const ACTIVE: Schema<ActiveTokenResponse> = objectSchema(
  {
    active: oneOf(true),
    scope: SCOPES,
    client_id: TEXT,
    token_type: oneOf('Bearer'),
    exp: INTEGER,
    iat: INTEGER,
    sub: TEXT,
    aud: AUDIENCE,
    iss: TEXT,
    jti: TEXT,
    sid: TEXT,
    auth_time: INTEGER,
    client_epoch: INTEGER,
  },
  { username: TEXT, user_epoch: INTEGER, groups: GROUPS, amr: listOf(TEXT), acr: TEXT },
);

const INTROSPECTION = named<IntrospectionResponse>('Introspection', { oneOf: [INACTIVE, ACTIVE] });

/** The introspection endpoint (RFC 7662 section 2), for clients that are registered as resource servers. */
@DescribeAll(CLIENT_PART)
@Controller('oauth/introspect')
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post()
  @ClientEndpoint()
  @Describe('Says whether a token is good, and what for (RFC 7662)', {
    body: TOKEN_FORM,
    example: { token: EXAMPLE_TOKEN },
    answer: INTROSPECTION,
    meaning: 'What is known of the token',
    refusals: MAY_NOT_INTROSPECT,
  })
  introspect(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
  ): IntrospectionResponse | Promise<IntrospectionResponse> {
    assertMayIntrospect(client);
    return this.introspection.introspect(parameters.require('token'), client.audience);
  }
}
