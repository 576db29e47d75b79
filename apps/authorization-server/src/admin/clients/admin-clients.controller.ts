import { Delete, Get, HttpCode, Inject, Patch, Post, Put, Res } from '@nestjs/common';
import { toNamePageResponse, type PageResponse } from '@latchkey/platform/http';
import type { FastifyReply } from 'fastify';
import type { ClientRegistration } from '../../clients/client-fields.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { toRegistration, writtenClientFields } from '../../provisioning/client-entry.js';
import { PathName } from '../common/path-name.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { entityTag, IfMatch } from '../common/entity-tag.js';
import { mergePatch } from '../common/merge-patch.js';
import { Problem } from '../common/problem.js';
import { Body, checked, Query, RawBody } from '../common/strict-input.js';
import { AdminClientsService } from './admin-clients.service.js';
import { ClientListRequest, ClientRequest, NewClientRequest } from './client.requests.js';
import { toClientResponse, type ClientResponse } from './client.response.js';
import { newSecret } from './new-secret.js';
import type { StoredClient } from '../../clients/client.js';

@Administers('clients', 'clients')
export class AdminClientsController {
  constructor(
    private readonly clients: AdminClientsService,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  @Get()
  async list(@Query(ClientListRequest) request: ClientListRequest): Promise<PageResponse<ClientResponse>> {
    const { limit, cursor, grant_type: grantType, client_name: clientName, ...same } = request;
    const page = await this.clients.list({ ...same, grantType, clientName }, limit, cursor ?? null);
    return toNamePageResponse(page, toClientResponse);
  }

  @Post()
  async create(
    @Body(NewClientRequest) request: NewClientRequest,
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
  async find(
    @PathName('client_id') clientId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    return answer(reply, await this.clients.find(clientId));
  }

  @Put(':client_id')
  async replace(
    @PathName('client_id') clientId: string,
    @IfMatch() ifMatch: string,
    @RawBody() body: object,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    const registration = readRegistration(clientId, body);
    return answer(reply, await this.clients.change(clientId, ifMatch, () => registration, administrator));
  }

  @Patch(':client_id')
  async patch(
    @PathName('client_id') clientId: string,
    @IfMatch() ifMatch: string,
    @RawBody() patch: object,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    const change = (registration: ClientRegistration): ClientRegistration => {
      // A member that has its default follows it, as in a configuration file: so it is not part of the target.
      const target = { ...writtenClientFields(registration, true), client_id: clientId };
      return readRegistration(clientId, mergePatch(target, patch));
    };
    return answer(reply, await this.clients.change(clientId, ifMatch, change, administrator));
  }

  /** Ends all tokens of the client at once, and for good. */
  @Post(':client_id/disable')
  @HttpCode(200)
  async disable(
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    return answer(reply, await this.clients.setEnabled(clientId, false, administrator));
  }

  @Post(':client_id/enable')
  @HttpCode(200)
  async enable(
    @PathName('client_id') clientId: string,
    @CurrentAdministrator() administrator: Administrator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientResponse> {
    return answer(reply, await this.clients.setEnabled(clientId, true, administrator));
  }

  @Delete(':client_id')
  @HttpCode(204)
  async delete(
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

/** The path says which client it is; a body that says so too must agree. */
function readRegistration(clientId: string, body: object): ClientRegistration {
  const request = checked(ClientRequest, { client_id: clientId, ...body });
  if (request.client_id === clientId) return toRegistration(request);
  throw Problem.invalid([{ field: 'client_id', problem: 'cannot be changed' }]);
}
