import { Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { IdPipe } from '@latchkey/platform/http';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { PathName } from '../common/path-name.js';
import { Administers } from '../common/administers.decorator.js';
import { CurrentAdministrator, type Administrator } from '../common/administrator.js';
import { Problem } from '../common/problem.js';
import { Body, Query } from '../common/strict-input.js';
import { AdminClientSecretsService } from './admin-client-secrets.service.js';
import { NewSecretRequest, SecretDeletionRequest } from './client.requests.js';
import { toSecretResponse, type ClientSecretResponse } from './client.response.js';
import { newSecret } from './new-secret.js';

@Administers('clients', 'clients/:client_id/secrets')
export class AdminClientSecretsController {
  constructor(
    private readonly secrets: AdminClientSecretsService,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  @Get()
  async list(@PathName('client_id') clientId: string): Promise<{ data: ClientSecretResponse[] }> {
    return { data: (await this.secrets.list(clientId)).map(toSecretResponse) };
  }

  @Post()
  async add(
    @PathName('client_id') clientId: string,
    @Body(NewSecretRequest) request: NewSecretRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ClientSecretResponse> {
    const expiresAt = futureTime('expires_at', request.expires_at);
    const expireOthersAt = futureTime('expire_others_at', request.expire_others_at);
    const { hash, answer } = newSecret(request, this.config.production);
    const added = await this.secrets.add(clientId, { hash, expiresAt }, expireOthersAt, administrator);
    return { ...toSecretResponse(added), ...answer };
  }

  /** Ends all tokens of the client too: who has the secret may have them. */
  @Delete(':id')
  @HttpCode(204)
  async remove(
    @PathName('client_id') clientId: string,
    @Param('id', new IdPipe(() => Problem.notFound('secret'))) id: string,
    @Query(SecretDeletionRequest) { force = false }: SecretDeletionRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.secrets.remove(clientId, id, force, administrator);
  }
}

function futureTime(field: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (time > Date.now()) return time;
  throw Problem.invalid([{ field, problem: 'must be in the future; to end a secret now, delete it' }]);
}
