import { Module } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RefusalDelay } from './refusal-delay.js';
import { ClientSecretThrottle } from './client-secret-throttle.js';
import { LoginThrottle } from './login-throttle.js';
import { Places } from './places.js';
import { SendingBudgets } from './sending-budgets.js';
import { SourceBudgets } from './source-budgets.js';
import { ThrottleKeys } from './throttle-keys.js';
import { ThrottleRepository } from './throttle-repository.js';

/** Upper bound for a slow hash on a busy machine. The place of an attempt expires after it. */
const LONGEST_VERIFICATION_MS = 30_000;

@Module({
  imports: [DataKeysModule, PasswordsModule],
  providers: [
    RefusalDelay,
    SendingBudgets,
    {
      provide: ClientSecretThrottle,
      inject: [DataKeysService, CONFIG],
      useFactory: (keys: DataKeysService, { throttle }: AuthorizationServerConfig) =>
        new ClientSecretThrottle(keys, throttle),
    },
    {
      provide: LoginThrottle,
      inject: [Database, DataKeysService, CONFIG],
      useFactory: (
        database: Database,
        keys: DataKeysService,
        { throttle, hashPool: { queueDeadlineMs } }: AuthorizationServerConfig,
      ) => {
        const places = new Places(
          database,
          queueDeadlineMs + LONGEST_VERIFICATION_MS,
          throttle.window * 1000,
        );
        return new LoginThrottle(
          database,
          new ThrottleRepository(database, throttle, places),
          new SourceBudgets(database, throttle, places),
          new ThrottleKeys(keys),
          throttle,
          queueDeadlineMs,
        );
      },
    },
  ],
  exports: [RefusalDelay, ClientSecretThrottle, LoginThrottle, SendingBudgets],
})
export class ThrottlingModule {}
