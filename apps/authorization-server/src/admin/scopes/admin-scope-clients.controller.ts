import { Delete, Get, HttpCode, Put } from '@nestjs/common';
import { NamePageRequest, toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import { PathName } from '../common/path-name.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { Query } from '../common/strict-input.js';
import { AdminScopeClientsService } from './admin-scope-clients.service.js';
import { toScopeClientResponse, type ScopeClientResponse } from './scope.response.js';

@Administers('scopes', 'scopes/:name/clients')
export class AdminScopeClientsController {
  constructor(private readonly clients: AdminScopeClientsService) {}

  @Get()
  async list(
    @PathName('name') name: string,
    @Query(NamePageRequest) { limit, cursor }: NamePageRequest,
  ): Promise<PageResponse<ScopeClientResponse>> {
    return toNamePageResponse(await this.clients.list(name, limit, cursor ?? null), toScopeClientResponse);
  }

  @Get(':client_id')
  async find(
    @PathName('name') name: string,
    @PathName('client_id') clientId: string,
  ): Promise<ScopeClientResponse> {
    return toScopeClientResponse(await this.clients.find(name, clientId));
  }

  @Put(':client_id')
  @HttpCode(204)
  async add(
    @PathName('name') name: string,
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.clients.add(name, clientId, administrator);
  }

  @Delete(':client_id')
  @HttpCode(204)
  async remove(
    @PathName('name') name: string,
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.clients.remove(name, clientId, administrator);
  }
}
