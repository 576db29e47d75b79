import { Injectable } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import { ClientRepository } from '../clients/client-repository.js';
import { MAX_CLIENT_SECRETS, type ClientSecretInfo, type NewClientSecret } from '../clients/client.js';
import { ClientsService } from '../clients/clients.service.js';
import type { Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { AdminClientsService } from './clients.service.js';

/** The secrets of clients: when each was added, used and ends, but never its value. */
@Injectable()
export class AdminClientSecretsService {
  constructor(
    private readonly database: Database,
    private readonly repository: ClientRepository,
    private readonly clients: ClientsService,
    private readonly adminClients: AdminClientsService,
  ) {}

  /** @throws UnknownClientError */
  async list(clientId: string): Promise<ClientSecretInfo[]> {
    const { client } = await this.adminClients.find(clientId);
    return this.repository.listSecrets(this.database.reader('administration'), client.key);
  }

  /**
   * Adds a secret, and removes those that have already expired.
   *
   * @param expireOthersAt when the other secrets expire at the latest, in milliseconds since the epoch
   * @throws UnknownClientError, Problem, BearerError
   */
  add(
    clientId: string,
    secret: NewClientSecret,
    expireOthersAt: number | null,
    administrator: Administrator,
  ): Promise<ClientSecretInfo> {
    return this.database.transaction(async (tx) => {
      const stored = await this.adminClients.lockAndLoad(tx, clientId, administrator);
      const { clientType, key } = stored.client;
      if (clientType === 'public') throw new Problem(409, 'conflict', 'A public client has no secrets');
      await this.repository.removeExpiredSecrets(tx, key);
      if ((await this.repository.listSecrets(tx, key)).length >= MAX_CLIENT_SECRETS) {
        throw new Problem(
          409,
          'conflict',
          `A client has at most ${MAX_CLIENT_SECRETS} secrets; remove one first`,
        );
      }
      const id = await this.clients.addSecret(tx, stored, secret, expireOthersAt, administrator.context);
      const added = (await this.repository.listSecrets(tx, key)).find((facts) => facts.id === id);
      if (added === undefined) throw new Error('The secret is not there after it was stored');
      return added;
    }, 'administration');
  }

  /**
   * Removes a secret and ends all tokens of the client.
   *
   * @param force also when it is the last secret that can authenticate the client
   * @throws UnknownClientError, Problem, BearerError
   */
  remove(clientId: string, id: string, force: boolean, administrator: Administrator): Promise<void> {
    return this.database.transaction(async (tx) => {
      const stored = await this.adminClients.lockAndLoad(tx, clientId, administrator);
      const usable = (await this.repository.listSecrets(tx, stored.client.key)).filter(isUsable);
      if (!force && usable.length === 1 && usable[0]?.id === id) {
        throw new Problem(409, 'conflict', 'It is the only secret; add another one first, or say force=true');
      }
      if (usable.every((secret) => secret.id === id)) await this.adminClients.assertNotLast(tx, stored);
      const removed = await this.clients.removeSecret(tx, stored, id, administrator.context);
      if (!removed) throw Problem.notFound('secret');
    }, 'administration');
  }
}

function isUsable({ expiresAt }: ClientSecretInfo): boolean {
  return expiresAt === null || expiresAt > Date.now();
}
