import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { IdPipe, PageRequest, toPageResponse, type PageResponse } from '@latchkey/platform/http';
import {
  Describe,
  DescribeAll,
  named,
  OAUTH_ERROR,
  pageOf,
  RequestSchemas,
  type ApiPart,
} from '@latchkey/platform/openapi';
import { RequireOwnerToken, RequireScopes, ResourceOwner } from '@latchkey/resource-server';
import { ApiError } from '../http/api-error.js';
import { PermissionsRequest, toPermissions } from './dto/permissions.request.js';
import { ResourceRequest } from './dto/resource.request.js';
import { RESOURCE, toResourceResponse, type ResourceResponse } from './dto/resource.response.js';
import { ResourcesService } from './resources.service.js';

const ResourceId = () => Param('id', new IdPipe(() => ApiError.resourceNotFound()));

const PERMISSIONS = named('Permissions', new RequestSchemas(false).of(PermissionsRequest));
const EXAMPLE = { name: 'Minutes', content: 'We met on Monday.' };

const PART: ApiPart = {
  tag: 'Resources',
  security: (method) => [{ bearer: [method === 'GET' ? 'resources:read' : 'resources:write'] }],
  refusals: ({ method, path }) => ({
    400: 'The request is malformed',
    401: 'The token is missing, unknown, expired or for another server',
    403: 'The token is no resource owner’s, or lacks the scope; or the owner may only read this',
    ...(path.includes(':') && { 404: 'There is no such resource, or the owner may not know of it' }),
    ...(method !== 'GET' && { 413: 'The body is too large' }),
    503: 'The database or the authorization server does not answer',
  }),
  refusal: OAUTH_ERROR,
};

@DescribeAll(PART)
@RequireOwnerToken()
@Controller('resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Post()
  @RequireScopes('resources:write')
  @Describe('Makes a resource', { answer: RESOURCE, example: EXAMPLE })
  async createResource(
    @ResourceOwner() owner: string,
    @Body() body: ResourceRequest,
  ): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.create(owner, body));
  }

  @Get()
  @RequireScopes('resources:read')
  @Describe('Lists what the owner has or may read', { answer: pageOf(RESOURCE) })
  async listResources(
    @ResourceOwner() owner: string,
    @Query() { limit, cursor }: PageRequest,
  ): Promise<PageResponse<ResourceResponse>> {
    return toPageResponse(await this.resources.list(owner, limit, cursor ?? null), toResourceResponse);
  }

  @Get(':id')
  @RequireScopes('resources:read')
  @Describe('Reads a resource', { answer: RESOURCE })
  async readResource(@ResourceOwner() owner: string, @ResourceId() id: string): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.get(id, owner));
  }

  @Put(':id')
  @RequireScopes('resources:write')
  @Describe('Replaces a resource', { answer: RESOURCE, example: EXAMPLE })
  async replaceResource(
    @ResourceOwner() owner: string,
    @ResourceId() id: string,
    @Body() body: ResourceRequest,
  ): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.replace(id, owner, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScopes('resources:write')
  @Describe('Deletes a resource')
  async deleteResource(@ResourceOwner() owner: string, @ResourceId() id: string): Promise<void> {
    await this.resources.delete(id, owner);
  }

  @Put(':id/permissions')
  @RequireScopes('resources:write')
  @Describe('Says who else may read or write a resource; replaces what was said before', {
    answer: PERMISSIONS,
    example: { permissions: [{ sub: '0193a3b2-1111-7abc-8def-0123456789ab', access: 'read' }] },
  })
  async setPermissions(
    @ResourceOwner() owner: string,
    @ResourceId() id: string,
    @Body() body: PermissionsRequest,
  ): Promise<PermissionsRequest> {
    await this.resources.share(id, owner, toPermissions(body));
    return body;
  }
}
