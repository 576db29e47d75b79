import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { ClientsModule } from '../../clients/clients.module.js';
import { ClientAuthenticationGuard } from './client-authentication.guard.js';
import { ClientAuthenticationMetrics } from './client-authentication-metrics.js';
import { ThrottlingModule } from '../../throttling/throttling.module.js';
import { ClientRates } from './client-rates.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import { ClientAuthenticationCache } from './client-authentication-cache.js';

@Module({
  imports: [ClientsModule, PassportModule, ThrottlingModule],
  providers: [
    ClientAuthenticationGuard,
    ClientAuthenticationMetrics,
    ClientAuthenticator,
    ClientBasicStrategy,
    ClientRates,
    ClientAuthenticationCache,
  ],
  exports: [
    ClientAuthenticationGuard,
    ClientAuthenticationMetrics,
    ClientAuthenticator,
    ClientRates,
    ClientAuthenticationCache,
  ],
})
export class ClientAuthenticationModule {}
