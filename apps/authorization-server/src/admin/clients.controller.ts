import { Delete, Get, HttpCode, Inject, Patch, Post, Put, Res } from '@nestjs/common';
import { toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import { Describe, pageOf } from '@latchkey/platform/openapi';
import type { FastifyReply } from 'fastify';
import type { ClientRegistration } from '../clients/client-fields.js';
import type { StoredClient } from '../clients/client.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { toRegistration, writtenClientFields } from '../provisioning/entries.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { entityTag, IfMatch } from './entity-tag.js';
import { Problem } from './problem.js';
import { checked, MergePatch, StrictBody, StrictQuery } from './strict-input.js';
import { mergePatch, PathName } from './wire.js';
import { AdminClientsService } from './clients.service.js';
import {
  CLIENT,
  ClientListRequest,
  ClientRequest,
  NewClientRequest,
  toClientResponse,
  type ClientResponse,
} from './client.messages.js';
import { newSecret } from './new-secret.js';

const EXAMPLE = {
  client_name: 'Reports',
  grant_types: ['password'],
  scope: 'resources:read',
  audience: ['https://api.example.com/'],
};
const EXAMPLE_SECRET = 'q3bWkfKc0T5u8mZ2xv7LhYd1nRsEoJ4pAa6Gt9CiUwM';
const LAST = { 409: 'It is the last client that administers clients' };

@Administers('clients', 'clients')
export class AdminClientsController {
  constructor(
    private readonly clients: AdminClientsService,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  @Get()
  @Describe('Lists clients by client_id', { answer: pageOf(CLIENT) })
  async listClients(
    @StrictQuery(ClientListRequest) request: ClientListRequest,
  ): Promise<PageResponse<ClientResponse>> {
    const { limit, cursor, grant_type: grantType, client_name: clientName, ...same } = request;
    const page = await this.clients.list({ ...same, grantType, clientName }, limit, cursor ?? null);
    return toNamePageResponse(page, toClientResponse);
  }

  @Post()
  @Describe('Registers a client; the answer has its secret, once', {
    answer: CLIENT,
    answerExample: { client_secret: EXAMPLE_SECRET },
    example: { client_id: 'reports', ...EXAMPLE, default_scope: 'resources:read' },
    refusals: { 409: 'The client_id is taken' },
  })
  async createClient(
    @StrictBody(NewClientRequest) request: NewClientRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    const { client_type: type, client_secret: secret, client_secret_hash: hash, enabled = true } = request;
    if (type === 'public' && (secret ?? hash) !== undefined) {
      throw Problem.invalid([{ field: 'client_secret', problem: 'a public client has none' }]);
    }
    const made = type === 'public' ? null : newSecret(request, this.config.production);
    const stored = await this.clients.create(
      toRegistration(request),
      made && { hash: made.hash, expiresAt: null },
      enabled,
      administrator,
    );
    void reply.header('location', `/admin/clients/${encodeURIComponent(request.client_id)}`);
    return { ...answer(reply, stored), ...made?.answer };
  }

  @Get(':client_id')
  @Describe('Reads a client', { answer: CLIENT })
  async readClient(
    @PathName('client_id') clientId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    return answer(reply, await this.clients.find(clientId));
  }

  @Put(':client_id')
  @Describe('Replaces what is registered about a client; what is left out gets its default', {
    answer: CLIENT,
    example: EXAMPLE,
    refusals: LAST,
  })
  async replaceClient(
    @PathName('client_id') clientId: string,
    @IfMatch() ifMatch: string,
    @StrictBody(ClientRequest) request: ClientRequest,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    const stored = await this.clients.findToChange(clientId, ifMatch, administrator);
    const changed = await this.clients.replace(stored, registrationOf(clientId, request), administrator);
    return answer(reply, changed);
  }

  @Patch(':client_id')
  @Describe('Changes members of a client (RFC 7396)', {
    answer: CLIENT,
    example: { client_name: 'Reports of the shop', access_token_ttl: 300, refresh_token_ttl: null },
    refusals: LAST,
  })
  async changeClient(
    @PathName('client_id') clientId: string,
    @IfMatch() ifMatch: string,
    @MergePatch(ClientRequest) patch: object,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    const stored = await this.clients.findToChange(clientId, ifMatch, administrator);
    // A member with its default value is not part of the target, so it follows the default, as in a configuration file.
    const target = writtenClientFields(stored.registration, true);
    const request = checked(ClientRequest, mergePatch(target, patch));
    const changed = await this.clients.replace(stored, registrationOf(clientId, request), administrator);
    return answer(reply, changed);
  }

  @Post(':client_id/disable')
  @HttpCode(200)
  @Describe('Disables a client and ends all its tokens, for good', { answer: CLIENT, refusals: LAST })
  async disableClient(
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    return answer(reply, await this.clients.setEnabled(clientId, false, administrator));
  }

  @Post(':client_id/enable')
  @HttpCode(200)
  @Describe('Enables a client; its old tokens stay dead', { answer: CLIENT })
  async enableClient(
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    return answer(reply, await this.clients.setEnabled(clientId, true, administrator));
  }

  @Delete(':client_id')
  @HttpCode(204)
  @Describe('Deletes a client', { refusals: LAST })
  async deleteClient(
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.clients.delete(clientId, administrator);
  }
}

function answer(reply: FastifyReply, stored: StoredClient): ClientResponse {
  void reply.header('etag', entityTag({ key: stored.client.key, version: stored.version }));
  return toClientResponse(stored);
}

function registrationOf(
  clientId: string,
  { client_id: named, ...members }: ClientRequest,
): ClientRegistration {
  if (named !== undefined && named !== clientId) {
    throw Problem.invalid([{ field: 'client_id', problem: 'cannot be changed' }]);
  }
  return toRegistration({ client_id: clientId, ...members });
}
