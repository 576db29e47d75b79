import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import { ConfigurationError, secretEncodingWarning } from '@latchkey/platform/environment';
import type { Logger } from 'pino';
import type { AuditContext } from '../audit/audit-event.js';
import { ClientRepository } from '../clients/client-repository.js';
import { hashClientSecret } from '../clients/client-secret-hash.js';
import { ClientsService } from '../clients/clients.service.js';
import type { BootstrapClient } from '../config/authorization-server-config.js';
import { LOGGER } from '../config/config.token.js';
import { DeletedNames } from '../users/deleted-names.js';
import { ACCOUNT_SCOPE, ADMINISTRATIVE_SCOPES } from '../scopes/reserved-scope.js';
import { ScopesService } from '../scopes/scopes.service.js';
import { toRegistration } from './entries.js';

const CONTEXT: AuditContext = { actor: 'bootstrap', address: null, requestId: null };

/** `deleted`: an administrator deleted a client with this name. */
type BootstrapOutcome = 'created' | 'administrator exists' | 'deleted';

/** Creates the first administrator: a client with all administrative scopes, while no other client has any. */
@Injectable()
export class BootstrapClientProvisioner {
  constructor(
    private readonly database: Database,
    private readonly repository: ClientRepository,
    private readonly clients: ClientsService,
    private readonly scopes: ScopesService,
    private readonly deletedNames: DeletedNames,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Creates the scopes of our own API, which exist on every installation. */
  async ensureScopes(): Promise<void> {
    const scopes = [
      ...ADMINISTRATIVE_SCOPES.map((name) => ({ name, description: 'Administration of this server' })),
      { name: ACCOUNT_SCOPE, description: 'See and end your own sessions, change your own password' },
    ];
    await this.database.transaction((tx) => this.scopes.ensure(tx, scopes, CONTEXT), 'background');
  }

  /** @throws ConfigurationError when another client has this name */
  async create(client: BootstrapClient, issuer: string): Promise<BootstrapOutcome> {
    const outcome = await this.database.transaction((tx) => this.#create(tx, client, issuer), 'background');
    const warning = secretEncodingWarning(client.clientSecret);
    if (outcome === 'created' && warning !== null) {
      this.logger.warn(`The client_secret of ${client.clientId} ${warning}`);
    }
    return outcome;
  }

  async #create(
    tx: Transaction,
    { clientId, clientSecret }: BootstrapClient,
    issuer: string,
  ): Promise<BootstrapOutcome> {
    await tx.lock('bootstrap');
    if (await this.repository.someoneHasScopeLike(tx, 'admin:')) return 'administrator exists';
    if (await this.deletedNames.isDeletedByAdministrator(tx, 'client', clientId)) return 'deleted';
    if ((await this.repository.load(tx, clientId)) !== null) {
      throw new ConfigurationError('LATCHKEY_BOOTSTRAP_CLIENT_ID', [
        'a client without administrative scopes has it',
      ]);
    }
    await this.clients.register(
      tx,
      toRegistration({
        client_id: clientId,
        grant_types: ['client_credentials'],
        scope: ADMINISTRATIVE_SCOPES.join(' '),
        audience: [issuer],
      }),
      [{ hash: hashClientSecret(clientSecret), expiresAt: null }],
      null,
      CONTEXT,
    );
    return 'created';
  }
}
