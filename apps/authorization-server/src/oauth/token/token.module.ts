import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { AuthorizationsModule } from '../../authorizations/authorizations.module.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { WaitingLoginsModule } from '../../waiting-logins/waiting-logins.module.js';
import { GroupsModule } from '../../groups/groups.module.js';
import { ObservabilityModule } from '../../observability/observability.module.js';
import { ThrottlingModule } from '../../throttling/throttling.module.js';
import { EmailFactorsService } from '../../second-factors/email-factors.service.js';
import { PasskeysService } from '../../second-factors/passkeys.service.js';
import { EmailFactorsModule } from '../../second-factors/email-factors.module.js';
import { SecondFactorsModule } from '../../second-factors/second-factors.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { UsersModule } from '../../users/users.module.js';
import { ClientAuthenticationModule } from '../client-authentication/client-authentication.module.js';
import { ClientsModule } from '../../clients/clients.module.js';
import { AuthenticatorsController } from '../mfa/authenticators.controller.js';
import { MfaChallenges } from '../mfa/mfa-challenges.js';
import { MfaController } from '../mfa/mfa.controller.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { FactorProofs } from './grants/factor-proofs.js';
import { GrantRegistry } from './grants/grant-registry.js';
import { LoginRecorder } from './grants/login-recorder.js';
import { MfaGrant } from './grants/mfa.grant.js';
import { OwnerTokens } from './grants/owner-tokens.js';
import { PasswordGrant } from './grants/password.grant.js';
import { RefreshRecorder } from './grants/refresh-recorder.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { FACTOR_NAMES } from './grants/second-factor.js';
import { SecondFactorLogin } from './grants/second-factor-login.js';
import { WaitingLogins } from './grants/waiting-logins.js';
import { TokenController } from './token.controller.js';
import { TokenMetrics } from './token-metrics.js';

@Module({
  imports: [
    AuditModule,
    AuthorizationsModule,
    EmailFactorsModule,
    ClientAuthenticationModule,
    ClientsModule,
    WaitingLoginsModule,
    GroupsModule,
    ObservabilityModule,
    ThrottlingModule,
    SecondFactorsModule,
    TokensModule,
    UsersModule,
  ],
  controllers: [AuthenticatorsController, MfaController, TokenController],
  providers: [
    ClientCredentialsGrant,
    FactorProofs,
    LoginRecorder,
    MfaChallenges,
    OwnerTokens,
    PasswordGrant,
    RefreshRecorder,
    RefreshTokenGrant,
    SecondFactorLogin,
    WaitingLogins,
    TokenMetrics,
    {
      provide: GrantRegistry,
      inject: [
        CONFIG,
        ClientCredentialsGrant,
        RefreshTokenGrant,
        PasswordGrant,
        SecondFactorLogin,
        PasskeysService,
        EmailFactorsService,
      ],
      useFactory: (
        { passwordGrantEnabled }: AuthorizationServerConfig,
        clientCredentials: ClientCredentialsGrant,
        refreshToken: RefreshTokenGrant,
        password: PasswordGrant,
        secondFactor: SecondFactorLogin,
        passkeys: PasskeysService,
        emails: EmailFactorsService,
      ) => {
        const isOn = { otp: true, passkey: passkeys.isOn, email: emails.isOn, 'recovery-code': true };
        const factors = FACTOR_NAMES.filter((name) => isOn[name]);
        const ofFactors = factors.map((factor) => new MfaGrant(secondFactor, factor));
        const passwords = passwordGrantEnabled ? [password, ...ofFactors] : [];
        return new GrantRegistry([...passwords, refreshToken, clientCredentials]);
      },
    },
  ],
  exports: [GrantRegistry],
})
export class TokenModule {}
