import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.token.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './password-hasher.js';

@Module({
  providers: [
    {
      provide: PasswordPolicy,
      inject: [CONFIG],
      useFactory: ({ passwordMinLength }: AuthorizationServerConfig) => new PasswordPolicy(passwordMinLength),
    },
    {
      provide: PasswordHasher,
      inject: [CONFIG],
      useFactory: ({ argon2, hashPool, passwordPeppers }: AuthorizationServerConfig) =>
        new PasswordHasher(argon2, hashPool, passwordPeppers),
    },
  ],
  exports: [PasswordPolicy, PasswordHasher],
})
export class PasswordsModule {}
