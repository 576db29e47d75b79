import { Delete, Get, HttpCode, Post, Put, Res } from '@nestjs/common';
import { IsText, NamePageRequest, toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import {
  BOOLEAN,
  Describe,
  named,
  objectSchema,
  pageOf,
  TEXT,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { Length } from 'class-validator';
import type { FastifyReply } from 'fastify';
import type { StoredClient } from '../clients/client.js';
import { ScopeEntry } from '../provisioning/configuration-document.js';
import { IsScopeName, Optional } from '../fields/validators.js';
import { isBuiltInScope } from '../scopes/reserved-scope.js';
import type { Scope } from '../scopes/scope-repository.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { AdminScopeClientsService } from './scope-clients.service.js';
import { AdminScopesService } from './scopes.service.js';
import { StrictBody, StrictQuery } from './strict-input.js';
import { PathName } from './wire.js';

class ScopeDescriptionRequest {
  @IsText({ min: 0, max: 1000 })
  description!: string;
}

class ScopeListRequest extends NamePageRequest {
  /** How the name begins. */
  @Optional()
  @IsScopeName()
  @Length(1, 255)
  prefix?: string;
}

const SCOPE = named(
  'Scope',
  // `built_in`: part of the server; it can be neither changed nor deleted.
  objectSchema({ name: TEXT, description: TEXT, built_in: BOOLEAN }),
);

/** A client that may ask for a scope. */
const SCOPE_CLIENT = named(
  'ScopeClient',
  objectSchema({ client_id: TEXT, client_name: TEXT, enabled: BOOLEAN }),
);

export type ScopeResponse = TypeOf<typeof SCOPE>;
type ScopeClientResponse = TypeOf<typeof SCOPE_CLIENT>;

@Administers('scopes', 'scopes')
export class AdminScopesController {
  constructor(private readonly scopes: AdminScopesService) {}

  @Get()
  @Describe('Lists scopes by name', { answer: pageOf(SCOPE) })
  async listScopes(
    @StrictQuery(ScopeListRequest) { limit, cursor, prefix = '' }: ScopeListRequest,
  ): Promise<PageResponse<ScopeResponse>> {
    return toNamePageResponse(await this.scopes.list(prefix, limit, cursor ?? null), toScopeResponse);
  }

  @Post()
  @Describe('Makes a scope', {
    answer: SCOPE,
    example: { name: 'reports:read', description: 'Read reports' },
    refusals: { 409: 'The name is taken' },
  })
  async createScope(
    @StrictBody(ScopeEntry) { name, description = '' }: ScopeEntry,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScopeResponse> {
    const scope = { name, description };
    await this.scopes.create(scope, administrator);
    void reply.header('location', `/admin/scopes/${encodeURIComponent(name)}`);
    return toScopeResponse(scope);
  }

  @Get(':name')
  @Describe('Reads a scope', { answer: SCOPE })
  async readScope(@PathName('name') name: string): Promise<ScopeResponse> {
    return toScopeResponse(await this.scopes.find(name));
  }

  @Put(':name')
  @Describe('Describes a scope anew', {
    answer: SCOPE,
    example: { description: 'Read the reports of the shop' },
    refusals: { 409: 'The scope is part of the server' },
  })
  async describeScope(
    @PathName('name') name: string,
    @StrictBody(ScopeDescriptionRequest) { description }: ScopeDescriptionRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ScopeResponse> {
    const scope = { name, description };
    await this.scopes.describe(scope, administrator);
    return toScopeResponse(scope);
  }

  @Delete(':name')
  @HttpCode(204)
  @Describe('Deletes a scope that no client and no user has', {
    refusals: { 409: 'Clients or users have it (`used_by`), or it is part of the server' },
  })
  async deleteScope(
    @PathName('name') name: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.scopes.delete(name, administrator);
  }
}

@Administers('scopes', 'scopes/:name/clients')
export class AdminScopeClientsController {
  constructor(private readonly clients: AdminScopeClientsService) {}

  @Get()
  @Describe('Lists the clients that may ask for a scope', { answer: pageOf(SCOPE_CLIENT) })
  async listScopeClients(
    @PathName('name') name: string,
    @StrictQuery(NamePageRequest) { limit, cursor }: NamePageRequest,
  ): Promise<PageResponse<ScopeClientResponse>> {
    return toNamePageResponse(await this.clients.list(name, limit, cursor ?? null), toScopeClientResponse);
  }

  @Get(':client_id')
  @Describe('Says whether a client may ask for a scope', { answer: SCOPE_CLIENT })
  async readScopeClient(
    @PathName('name') name: string,
    @PathName('client_id') clientId: string,
  ): Promise<ScopeClientResponse> {
    return toScopeClientResponse(await this.clients.find(name, clientId));
  }

  @Put(':client_id')
  @HttpCode(204)
  @Describe('Lets a client ask for a scope')
  async giveScopeToClient(
    @PathName('name') name: string,
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.clients.add(name, clientId, administrator);
  }

  @Delete(':client_id')
  @HttpCode(204)
  @Describe('Takes a scope from a client', {
    refusals: { 409: 'It is the last client that administers clients' },
  })
  async takeScopeFromClient(
    @PathName('name') name: string,
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.clients.remove(name, clientId, administrator);
  }
}

function toScopeResponse({ name, description }: Scope): ScopeResponse {
  return { name, description, built_in: isBuiltInScope(name) };
}

function toScopeClientResponse({ client }: StoredClient): ScopeClientResponse {
  return { client_id: client.clientId, client_name: client.clientName, enabled: client.enabled };
}
