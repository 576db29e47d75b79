import { Controller, Post, Res } from '@nestjs/common';
import { GRANT_TYPES, MFA_GRANT_TYPES, type TokenResponse } from '@latchkey/contracts';
import {
  Describe,
  DescribeAll,
  INTEGER,
  named,
  objectSchema,
  oneOf,
  SCOPES,
  TEXT,
  type Schema,
} from '@latchkey/platform/openapi';
import type { FastifyReply } from 'fastify';
import type { Client } from '../../clients/client.js';
import { ClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { CLIENT_PART, EXAMPLE_TOKEN, formBody, RATED } from '../common/describe-oauth.js';
import { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { CurrentRequest, Form, type RequestContext } from '../common/request-context.js';
import { GrantRegistry } from './grants/grant-registry.js';
import { TokenMetrics } from './token-metrics.js';

const TOKENS: Schema<TokenResponse> = named(
  'Tokens',
  objectSchema(
    { access_token: TEXT, token_type: oneOf('Bearer'), expires_in: INTEGER, scope: SCOPES },
    { refresh_token: TEXT },
  ),
);

const TOKEN_REQUEST = formBody(
  { grant_type: oneOf(...GRANT_TYPES, ...MFA_GRANT_TYPES) },
  {
    username: TEXT,
    password: TEXT,
    totp: { ...TEXT, description: 'The code of a second factor, beside the password' },
    acr_values: {
      ...TEXT,
      description: 'What the login has to be at least; the first value that the user can satisfy holds',
    },
    mfa_token: TEXT,
    otp: TEXT,
    recovery_code: TEXT,
    oob_code: { ...TEXT, description: 'Of a code by e-mail: from `/oauth/mfa/challenge`' },
    binding_code: { ...TEXT, description: 'The code that the user got by e-mail' },
    credential: { ...TEXT, description: 'A passkey, as the JSON of `PublicKeyCredential.toJSON()`' },
    refresh_token: TEXT,
    scope: SCOPES,
    resource: { ...TEXT, description: 'An audience (RFC 8707); may be repeated' },
  },
);

/** The token endpoint (RFC 6749 section 3.2). */
@DescribeAll(CLIENT_PART)
@Controller('oauth/token')
export class TokenController {
  constructor(
    private readonly grants: GrantRegistry,
    private readonly metrics: TokenMetrics,
    private readonly rates: ClientRates,
  ) {}

  @Post()
  @ClientEndpoint()
  @Describe('Issues tokens (RFC 6749 section 3.2)', {
    body: TOKEN_REQUEST,
    example: {
      grant_type: 'password',
      username: 'erin',
      password: 'a lantern in the fog',
      scope: 'resources:read',
    },
    answer: TOKENS,
    answerExample: { refresh_token: EXAMPLE_TOKEN },
    meaning: 'The tokens',
    refusals: {
      ...RATED,
      403: '`mfa_required`: the password is right, and `mfa_token` waits for a second factor',
    },
  })
  requestToken(
    @CurrentClient() client: Client,
    @Form() parameters: FormParameters,
    @CurrentRequest() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    return this.metrics.counted(parameters.get('grant_type'), () =>
      this.#issue(client, parameters, context, reply),
    );
  }

  async #issue(
    client: Client,
    parameters: FormParameters,
    context: RequestContext,
    reply: FastifyReply,
  ): Promise<TokenResponse> {
    await this.rates.takeTurn('token', client, context.address);
    const grant = this.grants.find(parameters.require('grant_type'));
    if (grant === null) throw OAuthError.unsupportedGrantType();
    if (!client.grantTypes.has(grant.registeredAs)) {
      throw OAuthError.unauthorizedClient('The client may not use this grant type');
    }
    const headers = new Map<string, string>();
    const response = await grant.handle({ client, parameters, context, headers });
    for (const [name, value] of headers) void reply.header(name, value);
    return response;
  }
}
