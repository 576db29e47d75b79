import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigurationError } from '@latchkey/platform/environment';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { UserRepository } from './user-repository.js';

/**
 * Refuses to start without a pepper that stored hashes need: the right passwords of their users would be refused as
 * wrong.
 */
@Injectable()
export class StoredPeppers implements OnApplicationBootstrap {
  constructor(
    private readonly users: UserRepository,
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { passwordPeppers } = this.config;
    const costs = await this.users.listPasswordHashCosts();
    const named = costs.flatMap((cost) =>
      [...cost.matchAll(/\{pepper=([\w-]+)\}/g)].map(([, name = '']) => name),
    );
    const missing = [...new Set(named)].filter((name) => !Object.hasOwn(passwordPeppers, name));
    if (missing.length === 0) return;
    throw new ConfigurationError(
      'The environment',
      missing.map(
        (name) =>
          `LATCHKEY_PASSWORD_PEPPERS lacks "${name}", which stored password hashes need: give it, or any other value if those users are to get new passwords`,
      ),
    );
  }
}
