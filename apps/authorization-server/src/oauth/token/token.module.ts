import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { AuthorizationsModule } from '../../authorizations/authorizations.module.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { ObservabilityModule } from '../../observability/observability.module.js';
import { ProtectionModule } from '../../protection/protection.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { UsersModule } from '../../users/users.module.js';
import { ClientAuthenticationModule } from '../client-authentication/client-authentication.module.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { GrantRegistry } from './grants/grant-registry.js';
import { LoginRecorder } from './grants/login-recorder.js';
import { OwnerTokens } from './grants/owner-tokens.js';
import { PasswordGrant } from './grants/password.grant.js';
import { RefreshRecorder } from './grants/refresh-recorder.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { TokenController } from './token.controller.js';
import { TokenMetrics } from './token-metrics.js';

@Module({
  imports: [
    AuditModule,
    AuthorizationsModule,
    ClientAuthenticationModule,
    ObservabilityModule,
    ProtectionModule,
    TokensModule,
    UsersModule,
  ],
  controllers: [TokenController],
  providers: [
    ClientCredentialsGrant,
    LoginRecorder,
    OwnerTokens,
    PasswordGrant,
    RefreshRecorder,
    RefreshTokenGrant,
    TokenMetrics,
    {
      provide: GrantRegistry,
      inject: [CONFIG, ClientCredentialsGrant, PasswordGrant, RefreshTokenGrant],
      useFactory: (
        { passwordGrantEnabled }: AuthorizationServerConfig,
        clientCredentials: ClientCredentialsGrant,
        password: PasswordGrant,
        refreshToken: RefreshTokenGrant,
      ) =>
        new GrantRegistry(
          passwordGrantEnabled
            ? [password, refreshToken, clientCredentials]
            : [refreshToken, clientCredentials],
        ),
    },
  ],
  exports: [GrantRegistry],
})
export class TokenModule {}
