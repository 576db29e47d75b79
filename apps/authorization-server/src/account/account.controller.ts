import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { IdPipe, IsText, PageRequest, type PageResponse, toPageResponse } from '@latchkey/platform/http';
import {
  BOOLEAN,
  Describe,
  DescribeAll,
  named,
  nullable,
  OAUTH_ERROR,
  objectSchema,
  pageOf,
  SCOPES,
  TEXT,
  TIMESTAMP,
  type ApiPart,
  type TypeOf,
} from '@latchkey/platform/openapi';
import {
  CurrentToken,
  RequireOwnerToken,
  RequireScopes,
  ResourceOwner,
  type AccessToken,
} from '@latchkey/resource-server';
import type { OwnedAuthorization } from '../authorizations/authorization.js';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { CurrentRequest, type RequestContext } from '../oauth/common/request-context.js';
import { MAX_PASSWORD_BYTES } from '../passwords/password-format.js';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import { AccountAuthorizationsService } from './account-authorizations.service.js';
import { AccountPasswordService } from './account-password.service.js';

class ChangePasswordRequest {
  @IsText({ min: 1, max: MAX_PASSWORD_BYTES })
  current_password!: string;

  @IsText({ min: 1, max: MAX_PASSWORD_BYTES })
  new_password!: string;
}

/** One login of the owner. */
const OWN_AUTHORIZATION = named(
  'OwnAuthorization',
  objectSchema({
    id: TEXT,
    client_id: TEXT,
    client_name: TEXT,
    scope: SCOPES,
    created_at: TIMESTAMP,
    // The last refresh; `null` before the first.
    refreshed_at: nullable(TIMESTAMP),
    expires_at: TIMESTAMP,
    // Where the login came from.
    address: nullable(TEXT),
    // Whether the token of this request belongs to it.
    current: BOOLEAN,
  }),
);

type AuthorizationResponse = TypeOf<typeof OWN_AUTHORIZATION>;

export const ACCOUNT_PART: ApiPart = {
  tag: 'Account',
  security: () => [{ bearer: [ACCOUNT_SCOPE] }],
  refusals: ({ method, path }) => ({
    400: 'The request is malformed',
    401: 'The token is missing, unknown, expired or for another server',
    403: 'The token is no resource owner’s, or lacks the scope',
    ...(path.includes(':') && { 404: 'The owner has no such login or second factor' }),
    ...(method !== 'GET' && { 413: 'The body is too large' }),
    503: 'The server is busy, or its database does not answer',
  }),
  refusal: OAUTH_ERROR,
};

/** The self-service of resource owners, with a token of their own that has the scope `account`. */
@DescribeAll(ACCOUNT_PART)
@RequireOwnerToken()
@RequireScopes(ACCOUNT_SCOPE)
@Controller('account')
export class AccountController {
  constructor(
    private readonly authorizations: AccountAuthorizationsService,
    private readonly passwords: AccountPasswordService,
  ) {}

  @Get('authorizations')
  @Describe('Lists the own logins, newest first', { answer: pageOf(OWN_AUTHORIZATION) })
  async listOwnAuthorizations(
    @ResourceOwner() sub: string,
    @CurrentToken() { sessionId }: AccessToken,
    @Query() { limit, cursor }: PageRequest,
  ): Promise<PageResponse<AuthorizationResponse>> {
    const page = await this.authorizations.list(sub, limit, cursor ?? null);
    return toPageResponse(page, (authorization) => toAuthorizationResponse(authorization, sessionId));
  }

  @Delete('authorizations/:id')
  @HttpCode(204)
  @Describe('Ends a login')
  async revokeOwnAuthorization(
    @ResourceOwner() sub: string,
    @Param('id', new IdPipe(() => OAuthError.notFound())) id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    const revoked = await this.authorizations.revoke(sub, id, context);
    if (!revoked) throw OAuthError.notFound();
  }

  @Put('password')
  @HttpCode(204)
  @Describe('Changes the password, which ends all logins, this one included', {
    example: { current_password: 'a lantern in the fog', new_password: 'a lantern on the shore' },
  })
  async changeOwnPassword(
    @ResourceOwner() sub: string,
    @CurrentToken() { username }: AccessToken,
    @Body() { current_password: current, new_password: next }: ChangePasswordRequest,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    const changed = await this.passwords.change({ sub, username }, current, next, context);
    if (!changed) throw new OAuthError('access_denied', 403, 'The current password is wrong');
  }
}

function toAuthorizationResponse(
  authorization: OwnedAuthorization,
  currentId: string | null,
): AuthorizationResponse {
  const { id, clientId, clientName, scope, createdAt, rotatedAt, expiresAt, address } = authorization;
  return {
    id,
    client_id: clientId,
    client_name: clientName,
    scope: scope.toString(),
    created_at: new Date(createdAt).toISOString(),
    refreshed_at: rotatedAt === null ? null : new Date(rotatedAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    address,
    current: id === currentId,
  };
}
