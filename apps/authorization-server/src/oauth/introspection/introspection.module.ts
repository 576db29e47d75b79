import { Module } from '@nestjs/common';
import { AuthorizationsModule } from '../../authorizations/authorizations.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { ClientAuthenticationModule } from '../client-authentication/client-authentication.module.js';
import { IntrospectionController } from './introspection.controller.js';
import { IntrospectionService } from './introspection.service.js';

@Module({
  imports: [AuthorizationsModule, ClientAuthenticationModule, TokensModule],
  controllers: [IntrospectionController],
  providers: [IntrospectionService],
  exports: [IntrospectionService],
})
export class IntrospectionModule {}
