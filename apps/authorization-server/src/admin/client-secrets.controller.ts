import { Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { IdPipe } from '@latchkey/platform/http';
import { Describe, listOf, objectSchema, type TypeOf } from '@latchkey/platform/openapi';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { OptionalStrictBody, StrictQuery } from './strict-input.js';
import { PathName } from './wire.js';
import {
  CLIENT_SECRET,
  NewSecretRequest,
  SecretDeletionRequest,
  toSecretResponse,
  type ClientSecretResponse,
} from './client.messages.js';
import { AdminClientSecretsService } from './client-secrets.service.js';
import { newSecret } from './new-secret.js';

const CLIENT_SECRETS = objectSchema({ data: listOf(CLIENT_SECRET) });

@Administers('clients', 'clients/:client_id/secrets')
export class AdminClientSecretsController {
  constructor(
    private readonly secrets: AdminClientSecretsService,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  @Get()
  @Describe('Lists the secrets of a client, but not what they are', { answer: CLIENT_SECRETS })
  async listClientSecrets(@PathName('client_id') clientId: string): Promise<TypeOf<typeof CLIENT_SECRETS>> {
    return { data: (await this.secrets.list(clientId)).map(toSecretResponse) };
  }

  @Post()
  @Describe('Adds a secret; the answer has it, once', {
    answer: CLIENT_SECRET,
    answerExample: { client_secret: 'q3bWkfKc0T5u8mZ2xv7LhYd1nRsEoJ4pAa6Gt9CiUwM' },
    example: { expire_others_at: '2027-01-31T12:00:00Z' },
    refusals: { 409: 'The client is public, or has as many secrets as it may' },
  })
  async addClientSecret(
    @PathName('client_id') clientId: string,
    @OptionalStrictBody(NewSecretRequest) request: NewSecretRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<ClientSecretResponse> {
    const expiresAt = futureTime('expires_at', request.expires_at);
    const expireOthersAt = futureTime('expire_others_at', request.expire_others_at);
    const { hash, answer } = newSecret(request, this.config.production);
    const added = await this.secrets.add(clientId, { hash, expiresAt }, expireOthersAt, administrator);
    return { ...toSecretResponse(added), ...answer };
  }

  @Delete(':id')
  @HttpCode(204)
  @Describe('Deletes a secret and ends all tokens of the client', {
    refusals: { 409: 'It is the only secret, and `force` is not true' },
  })
  async deleteClientSecret(
    @PathName('client_id') clientId: string,
    @Param('id', new IdPipe(() => Problem.notFound('secret'))) id: string,
    @StrictQuery(SecretDeletionRequest) { force = false }: SecretDeletionRequest,
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
