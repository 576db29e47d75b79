import { Module } from '@nestjs/common';
import { DataKeysModule } from '../../data-keys/data-keys.module.js';
import { PublishedScopes } from '../../scopes/published-scopes.js';
import { ScopesModule } from '../../scopes/scopes.module.js';
import { TokenModule } from '../token/token.module.js';
import { JwksController } from './jwks.controller.js';
import { MetadataController } from './metadata.controller.js';

@Module({
  imports: [DataKeysModule, ScopesModule, TokenModule],
  controllers: [JwksController, MetadataController],
  providers: [PublishedScopes],
})
export class MetadataModule {}
