import { fileURLToPath } from 'node:url';
import { Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Reader } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import { secretWeakness } from '@latchkey/platform/environment';
import { ClientRepository } from '../clients/client-repository.js';
import type { AuthorizationServerConfig, BootstrapClient } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';
import { UserRepository } from '../users/user-repository.js';
import { BootstrapClientProvisioner } from './bootstrap-client.provisioner.js';
import type { EntryChange } from './configuration-change.js';
import { ConfigurationApplier } from './configuration-applier.js';
import { type ConfigurationFile, parseConfiguration, readConfigurationFile } from './parse-configuration.js';
import type { ConfigurationDocument } from './configuration-document.js';
import { ClientsModule } from '../clients/clients.module.js';
import { UsersModule } from '../users/users.module.js';
import { ProvisioningModule } from './provisioning.module.js';

const DEMO_FILE = fileURLToPath(new URL('../../demo.yaml', import.meta.url));

/** Provisions the database as the environment configures it, before the server listens. */
@Injectable()
class StartProvisioning implements OnApplicationBootstrap {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly database: Database,
    private readonly clients: ClientRepository,
    private readonly users: UserRepository,
    private readonly bootstrapClient: BootstrapClientProvisioner,
    private readonly configuration: ConfigurationApplier,
  ) {}

  /** @throws ConfigurationError */
  async onApplicationBootstrap(): Promise<void> {
    const { bootstrapClient, configurationFile, demo, issuer } = this.config;
    // Read before anything is written, because a new bootstrap client would otherwise prevent the demo.
    const applyDemo = demo && (await this.#isEmpty(this.database.reader('background')));
    await this.bootstrapClient.ensureScopes();
    if (bootstrapClient !== null) await this.#createBootstrapClient(bootstrapClient, issuer);
    if (configurationFile !== null && (await this.#apply(configurationFile))) {
      this.logger.info({ path: configurationFile }, 'applied the configuration file');
    }
    if (applyDemo && (await this.#apply(DEMO_FILE))) {
      this.logger.warn(
        { path: DEMO_FILE },
        'applied the demo file: clients and users with published passwords',
      );
    }
  }

  async #createBootstrapClient(client: BootstrapClient, issuer: string): Promise<void> {
    if ((await this.bootstrapClient.create(client, issuer)) !== 'created') return;
    this.logger.info({ client_id: client.clientId }, 'created the bootstrap client');
  }

  /** @returns whether the file was applied */
  async #apply(path: string): Promise<boolean> {
    const file = await readConfigurationFile(path);
    const changes = await this.configuration.apply(file);
    if (!this.config.production && path !== DEMO_FILE) this.#warnOfWeakSecrets(file);
    this.#warnOfUsers(changes ?? []);
    return changes !== null;
  }

  /** Warns without user names, which must not be logged. */
  #warnOfUsers(changes: readonly EntryChange[]): void {
    const warnings = changes.flatMap(({ warning }) => warning ?? []);
    if (warnings.length === 0) return;
    this.logger.warn(
      { users: warnings.length, warnings: [...new Set(warnings)].slice(0, 10) },
      'the configuration file has passwords to look at; latchkey apply --again --dry-run names the users',
    );
  }

  #warnOfWeakSecrets({ text, source }: ConfigurationFile): void {
    const weak = clientsWithWeakSecrets(parseConfiguration(text, source));
    if (weak.length > 0)
      this.logger.warn({ client_ids: weak }, 'production would refuse these client secrets');
  }

  async #isEmpty(reader: Reader): Promise<boolean> {
    return (await this.clients.isEmpty(reader)) && (await this.users.isEmpty(reader));
  }
}

/** The clients with an initial secret that production would refuse. */
function clientsWithWeakSecrets({ clients }: ConfigurationDocument): string[] {
  return (clients ?? [])
    .filter(({ client_secret: secret }) => secret !== undefined && secretWeakness(secret) !== null)
    .map(({ client_id: clientId }) => clientId);
}

/** Provisioning at the start of a server, as its environment configures it. */
@Module({ imports: [ClientsModule, ProvisioningModule, UsersModule], providers: [StartProvisioning] })
export class StartProvisioningModule {}
