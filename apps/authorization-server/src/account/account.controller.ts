import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { IdPipe, PageRequest, type PageResponse, toPageResponse } from '@latchkey/platform/http';
import {
  CurrentToken,
  RequireOwnerToken,
  RequireScopes,
  ResourceOwner,
  type AccessToken,
} from '@latchkey/resource-server';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { CurrentRequest, type RequestContext } from '../oauth/common/request-context.js';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import { AccountAuthorizationsService } from './account-authorizations.service.js';
import { AccountPasswordService } from './account-password.service.js';
import { toAuthorizationResponse, type AuthorizationResponse } from './authorization.response.js';
import { ChangePasswordRequest } from './change-password.request.js';

/** What resource owners do for themselves, with a token of their own that has the scope `account`. */
@RequireOwnerToken()
@RequireScopes(ACCOUNT_SCOPE)
@Controller('account')
export class AccountController {
  constructor(
    private readonly authorizations: AccountAuthorizationsService,
    private readonly passwords: AccountPasswordService,
  ) {}

  @Get('authorizations')
  async list(
    @ResourceOwner() sub: string,
    @CurrentToken() { sessionId }: AccessToken,
    @Query() { limit, cursor }: PageRequest,
  ): Promise<PageResponse<AuthorizationResponse>> {
    const page = await this.authorizations.list(sub, limit, cursor ?? null);
    return toPageResponse(page, (authorization) => toAuthorizationResponse(authorization, sessionId));
  }

  @Delete('authorizations/:id')
  @HttpCode(204)
  async revoke(
    @ResourceOwner() sub: string,
    @Param('id', new IdPipe(() => OAuthError.notFound())) id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    const revoked = await this.authorizations.revoke(sub, id, context);
    if (!revoked) throw OAuthError.notFound();
  }

  /** Ends all sessions of the owner, this one included. */
  @Put('password')
  @HttpCode(204)
  async changePassword(
    @ResourceOwner() sub: string,
    @CurrentToken() { username }: AccessToken,
    @Body() { current_password: current, new_password: next }: ChangePasswordRequest,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    const changed = await this.passwords.change({ sub, username }, current, next, context);
    if (!changed) throw new OAuthError('access_denied', 403, 'The current password is wrong');
  }
}
