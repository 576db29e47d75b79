import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.token.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { PasswordHasher } from './password-hasher.js';

@Module({
  providers: [
    {
      provide: PasswordHasher,
      inject: [CONFIG],
      useFactory: (config: AuthorizationServerConfig) => new PasswordHasher(config.argon2, config.hashPool),
    },
  ],
  exports: [PasswordHasher],
})
export class PasswordsModule {}
