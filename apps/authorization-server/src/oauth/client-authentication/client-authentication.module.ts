import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { ClientsModule } from '../../clients/clients.module.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';

@Module({
  imports: [ClientsModule, PassportModule],
  providers: [ClientAuthenticator, ClientBasicStrategy],
  exports: [ClientAuthenticator],
})
export class ClientAuthenticationModule {}
