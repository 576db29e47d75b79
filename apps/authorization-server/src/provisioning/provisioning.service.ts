import { fileURLToPath } from 'node:url';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import type { Logger } from 'pino';
import { ClientRepository } from '../clients/client-repository.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../config/config.token.js';
import { UserRepository } from '../users/user-repository.js';
import { BootstrapClientProvisioner } from './bootstrap-client.provisioner.js';
import { ConfigurationApplier } from './configuration-applier.js';

const DEMO_FILE = fileURLToPath(new URL('../../demo.yaml', import.meta.url));

/** Brings the database to what the environment asks for, before the server listens. */
@Injectable()
export class ProvisioningService implements OnApplicationBootstrap {
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
    // Asked before anything is written, so that a bootstrap client does not stand in the demo's way.
    const applyDemo = demo && (await this.database.write(() => this.#isEmpty()));
    await this.bootstrapClient.ensureScopes();
    if (bootstrapClient !== null && (await this.bootstrapClient.create(bootstrapClient, issuer))) {
      this.logger.info({ client_id: bootstrapClient.clientId }, 'created the bootstrap client');
    }
    if (configurationFile !== null && (await this.configuration.apply(configurationFile))) {
      this.logger.info({ path: configurationFile }, 'applied the configuration file');
    }
    if (applyDemo && (await this.configuration.apply(DEMO_FILE))) {
      this.logger.warn(
        { path: DEMO_FILE },
        'applied the demo file: clients and users with published passwords',
      );
    }
  }

  *#isEmpty(): Step<boolean> {
    return (yield* this.clients.isEmpty()) && (yield* this.users.isEmpty());
  }
}
