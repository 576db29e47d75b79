import { Module } from '@nestjs/common';
import { Database } from '@latchkey/platform';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { AnswerGrid } from './answer-grid.js';
import { ClientSecretThrottle } from './client-secret-throttle.js';
import { LoginThrottle } from './login-throttle.js';
import { SqlThrottleRepository } from './sql-throttle-repository.js';
import { ThrottleRepository } from './throttle-repository.js';

/** Of a slow hash on a busy machine. Until an attempt has ended, or this is over, its place is taken. */
const LONGEST_VERIFICATION_MS = 30_000;

@Module({
  imports: [DataKeysModule, PasswordsModule],
  providers: [
    AnswerGrid,
    {
      provide: ClientSecretThrottle,
      inject: [DataKeysService, CONFIG],
      useFactory: (keys: DataKeysService, { throttle }: AuthorizationServerConfig) =>
        new ClientSecretThrottle(keys, throttle),
    },
    {
      provide: ThrottleRepository,
      inject: [Database, CONFIG],
      useFactory: (database: Database, { throttle, hashPool }: AuthorizationServerConfig) =>
        new SqlThrottleRepository(database, throttle, hashPool.queueDeadlineMs + LONGEST_VERIFICATION_MS),
    },
    {
      provide: LoginThrottle,
      inject: [Database, ThrottleRepository, DataKeysService, CONFIG],
      useFactory: (
        database: Database,
        repository: ThrottleRepository,
        keys: DataKeysService,
        { throttle, hashPool }: AuthorizationServerConfig,
      ) => new LoginThrottle(database, repository, keys, throttle, hashPool.queueDeadlineMs),
    },
  ],
  exports: [AnswerGrid, ClientSecretThrottle, LoginThrottle],
})
export class ProtectionModule {}
