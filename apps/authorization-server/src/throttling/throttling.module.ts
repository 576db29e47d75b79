import { Module } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RefusalDelay } from './refusal-delay.js';
import { ClientSecretThrottle } from './client-secret-throttle.js';
import { LoginDelays } from './login-delays.js';
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
      provide: ThrottleKeys,
      inject: [DataKeysService],
      useFactory: (keys: DataKeysService) => new ThrottleKeys(keys),
    },
    {
      provide: Places,
      inject: [Database, CONFIG],
      useFactory: (
        database: Database,
        { throttle, hashPool: { queueDeadlineMs } }: AuthorizationServerConfig,
      ) => new Places(database, queueDeadlineMs + LONGEST_VERIFICATION_MS, throttle.window * 1000),
    },
    {
      provide: ThrottleRepository,
      inject: [Database, CONFIG, Places],
      useFactory: (database: Database, { throttle }: AuthorizationServerConfig, places: Places) =>
        new ThrottleRepository(database, throttle, places),
    },
    {
      provide: SourceBudgets,
      inject: [Database, CONFIG, Places],
      useFactory: (database: Database, { throttle }: AuthorizationServerConfig, places: Places) =>
        new SourceBudgets(database, throttle, places),
    },
    {
      provide: LoginThrottle,
      inject: [Database, ThrottleRepository, SourceBudgets, ThrottleKeys, CONFIG],
      useFactory: (
        database: Database,
        repository: ThrottleRepository,
        budgets: SourceBudgets,
        keys: ThrottleKeys,
        { throttle, hashPool: { queueDeadlineMs } }: AuthorizationServerConfig,
      ) => new LoginThrottle(database, repository, budgets, keys, throttle, queueDeadlineMs),
    },
    {
      provide: LoginDelays,
      inject: [ThrottleRepository, SourceBudgets, ThrottleKeys, CONFIG],
      useFactory: (
        repository: ThrottleRepository,
        budgets: SourceBudgets,
        keys: ThrottleKeys,
        { throttle }: AuthorizationServerConfig,
      ) => new LoginDelays(repository, budgets, keys, throttle),
    },
  ],
  exports: [RefusalDelay, ClientSecretThrottle, LoginDelays, LoginThrottle, SendingBudgets],
})
export class ThrottlingModule {}
