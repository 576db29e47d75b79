import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { IdPipe, PageRequest, toPageResponse, type PageResponse } from '@latchkey/platform/http';
import { RequireOwnerToken, RequireScopes, ResourceOwner } from '@latchkey/resource-server';
import { ApiError } from '../http/api-error.js';
import { PermissionsRequest, toPermissions } from './dto/permissions.request.js';
import { ResourceRequest } from './dto/resource.request.js';
import { toResourceResponse, type ResourceResponse } from './dto/resource.response.js';
import { ResourcesService } from './resources.service.js';

const ResourceId = () => Param('id', new IdPipe(() => ApiError.resourceNotFound()));

@RequireOwnerToken()
@Controller('resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Post()
  @RequireScopes('resources:write')
  async create(@ResourceOwner() owner: string, @Body() body: ResourceRequest): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.create(owner, body));
  }

  @Get()
  @RequireScopes('resources:read')
  async list(
    @ResourceOwner() owner: string,
    @Query() { limit, cursor }: PageRequest,
  ): Promise<PageResponse<ResourceResponse>> {
    return toPageResponse(await this.resources.list(owner, limit, cursor ?? null), toResourceResponse);
  }

  @Get(':id')
  @RequireScopes('resources:read')
  async get(@ResourceOwner() owner: string, @ResourceId() id: string): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.get(id, owner));
  }

  @Put(':id')
  @RequireScopes('resources:write')
  async replace(
    @ResourceOwner() owner: string,
    @ResourceId() id: string,
    @Body() body: ResourceRequest,
  ): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.replace(id, owner, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScopes('resources:write')
  async delete(@ResourceOwner() owner: string, @ResourceId() id: string): Promise<void> {
    await this.resources.delete(id, owner);
  }

  @Put(':id/permissions')
  @RequireScopes('resources:write')
  async share(
    @ResourceOwner() owner: string,
    @ResourceId() id: string,
    @Body() body: PermissionsRequest,
  ): Promise<PermissionsRequest> {
    await this.resources.share(id, owner, toPermissions(body));
    return body;
  }
}
