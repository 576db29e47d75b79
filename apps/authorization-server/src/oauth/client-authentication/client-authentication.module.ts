import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { ClientsModule } from '../../clients/clients.module.js';
import { ClientAuthenticationMetrics } from './client-authentication-metrics.js';
import { ProtectionModule } from '../../protection/protection.module.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import { RememberedCredentials } from './remembered-credentials.js';

@Module({
  imports: [ClientsModule, PassportModule, ProtectionModule],
  providers: [ClientAuthenticationMetrics, ClientAuthenticator, ClientBasicStrategy, RememberedCredentials],
  exports: [ClientAuthenticationMetrics, ClientAuthenticator, RememberedCredentials],
})
export class ClientAuthenticationModule {}
