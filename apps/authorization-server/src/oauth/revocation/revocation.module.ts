import { Module } from '@nestjs/common';
import { AuthorizationsModule } from '../../authorizations/authorizations.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { ClientAuthenticationModule } from '../client-authentication/client-authentication.module.js';
import { RevocationController } from './revocation.controller.js';
import { RevocationService } from './revocation.service.js';

@Module({
  imports: [AuthorizationsModule, ClientAuthenticationModule, TokensModule],
  controllers: [RevocationController],
  providers: [RevocationService],
})
export class RevocationModule {}
