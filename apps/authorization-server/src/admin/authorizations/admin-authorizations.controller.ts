import { Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IdPipe, type PageResponse, toPageResponse } from '@latchkey/platform/http';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { Problem } from '../common/problem.js';
import { Body, Query } from '../common/strict-input.js';
import { AdminAuthorizationsService } from './admin-authorizations.service.js';
import { AuthorizationListRequest, RevocationRequest } from './authorization.requests.js';
import { toAdminAuthorizationResponse, type AdminAuthorizationResponse } from './authorization.response.js';

const Id = () => Param('id', new IdPipe(() => Problem.notFound('authorization')));

/** Who is logged in, through which client: to be seen, and to be ended. */
@Administers('authorizations', 'authorizations')
export class AdminAuthorizationsController {
  constructor(private readonly authorizations: AdminAuthorizationsService) {}

  @Get()
  async list(
    @Query(AuthorizationListRequest) request: AuthorizationListRequest,
  ): Promise<PageResponse<AdminAuthorizationResponse>> {
    const { limit, cursor, user, client_id: clientId, state } = request;
    const withClientsOwn = request.include_client_credentials ?? false;
    const sub = user === undefined ? undefined : await this.authorizations.subOf(user);
    if (sub === null) return { data: [], next_cursor: null };
    const filter = { sub, clientId, state, withClientsOwn };
    const page = await this.authorizations.list(filter, limit, cursor ?? null);
    return toPageResponse(page, toAdminAuthorizationResponse);
  }

  /** All of a user, or all of a client. */
  @Post('revoke')
  @HttpCode(204)
  async revokeAll(
    @Body(RevocationRequest) { user, client_id: clientId }: RevocationRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    if (user !== undefined && clientId === undefined) {
      return this.authorizations.revokeOfUser(user, administrator);
    }
    if (clientId !== undefined && user === undefined) {
      return this.authorizations.revokeOfClient(clientId, administrator);
    }
    const problem = 'exactly one of user and client_id is needed';
    throw Problem.invalid(['user', 'client_id'].map((field) => ({ field, problem })));
  }

  @Get(':id')
  async find(@Id() id: string): Promise<AdminAuthorizationResponse> {
    return toAdminAuthorizationResponse(await this.authorizations.find(id));
  }

  @Delete(':id')
  @HttpCode(204)
  async revoke(@Id() id: string, @CurrentAdministrator() administrator: Administrator): Promise<void> {
    await this.authorizations.revoke(id, administrator);
  }
}
