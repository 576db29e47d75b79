import { Delete, Get, HttpCode, Post, Put, Res } from '@nestjs/common';
import { toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import type { FastifyReply } from 'fastify';
import { PathName } from '../common/path-name.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { Body, Query } from '../common/strict-input.js';
import { AdminScopesService } from './admin-scopes.service.js';
import { NewScopeRequest, ScopeDescriptionRequest, ScopeListRequest } from './scope.requests.js';
import { toScopeResponse, type ScopeResponse } from './scope.response.js';

@Administers('scopes', 'scopes')
export class AdminScopesController {
  constructor(private readonly scopes: AdminScopesService) {}

  @Get()
  async list(
    @Query(ScopeListRequest) { limit, cursor, prefix = '' }: ScopeListRequest,
  ): Promise<PageResponse<ScopeResponse>> {
    return toNamePageResponse(await this.scopes.list(prefix, limit, cursor ?? null), toScopeResponse);
  }

  @Post()
  async create(
    @Body(NewScopeRequest) { name, description = '' }: NewScopeRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScopeResponse> {
    const scope = { name, description };
    await this.scopes.create(scope, administrator);
    void reply.header('location', `/admin/scopes/${encodeURIComponent(name)}`);
    return toScopeResponse(scope);
  }

  @Get(':name')
  async find(@PathName('name') name: string): Promise<ScopeResponse> {
    return toScopeResponse(await this.scopes.find(name));
  }

  @Put(':name')
  async describe(
    @PathName('name') name: string,
    @Body(ScopeDescriptionRequest) { description }: ScopeDescriptionRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ScopeResponse> {
    const scope = { name, description };
    await this.scopes.describe(scope, administrator);
    return toScopeResponse(scope);
  }

  @Delete(':name')
  @HttpCode(204)
  async delete(
    @PathName('name') name: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.scopes.delete(name, administrator);
  }
}
