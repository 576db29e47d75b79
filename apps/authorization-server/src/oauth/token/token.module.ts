import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { AuthorizationsModule } from '../../authorizations/authorizations.module.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { LoginAttemptsModule } from '../../login-attempts/login-attempts.module.js';
import { ObservabilityModule } from '../../observability/observability.module.js';
import { ProtectionModule } from '../../protection/protection.module.js';
import { SecondFactorsModule } from '../../second-factors/second-factors.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { UsersModule } from '../../users/users.module.js';
import { ClientAuthenticationModule } from '../client-authentication/client-authentication.module.js';
import { MfaController } from '../mfa/mfa.controller.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import type { GrantHandler } from './grants/grant-handler.js';
import { GrantRegistry } from './grants/grant-registry.js';
import { LoginRecorder } from './grants/login-recorder.js';
import { MfaOtpGrant, MfaRecoveryCodeGrant } from './grants/mfa.grants.js';
import { OwnerTokens } from './grants/owner-tokens.js';
import { PasswordGrant } from './grants/password.grant.js';
import { RefreshRecorder } from './grants/refresh-recorder.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { SecondFactorLogin } from './grants/second-factor-login.js';
import { TokenController } from './token.controller.js';
import { TokenMetrics } from './token-metrics.js';

@Module({
  imports: [
    AuditModule,
    AuthorizationsModule,
    ClientAuthenticationModule,
    LoginAttemptsModule,
    ObservabilityModule,
    ProtectionModule,
    SecondFactorsModule,
    TokensModule,
    UsersModule,
  ],
  controllers: [MfaController, TokenController],
  providers: [
    ClientCredentialsGrant,
    LoginRecorder,
    MfaOtpGrant,
    MfaRecoveryCodeGrant,
    OwnerTokens,
    PasswordGrant,
    RefreshRecorder,
    RefreshTokenGrant,
    SecondFactorLogin,
    TokenMetrics,
    {
      provide: GrantRegistry,
      inject: [
        CONFIG,
        ClientCredentialsGrant,
        RefreshTokenGrant,
        PasswordGrant,
        MfaOtpGrant,
        MfaRecoveryCodeGrant,
      ],
      useFactory: (
        { passwordGrantEnabled }: AuthorizationServerConfig,
        clientCredentials: ClientCredentialsGrant,
        refreshToken: RefreshTokenGrant,
        ...passwords: GrantHandler[]
      ) => new GrantRegistry([...(passwordGrantEnabled ? passwords : []), refreshToken, clientCredentials]),
    },
  ],
  exports: [GrantRegistry],
})
export class TokenModule {}
