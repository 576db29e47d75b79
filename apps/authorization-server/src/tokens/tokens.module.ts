import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AuthorizationsModule } from '../authorizations/authorizations.module.js';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { AccessTokens } from './access-tokens.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { OpaqueAccessTokens } from './opaque-access-tokens.js';
import { RefreshTokens } from './refresh-tokens.js';
import { TokenIssuer } from './token-issuer.js';

@Module({
  imports: [AuthorizationsModule, DataKeysModule, JwtModule.register({})],
  providers: [AccessTokens, JwtAccessTokens, OpaqueAccessTokens, RefreshTokens, TokenIssuer],
  exports: [AccessTokens, RefreshTokens, TokenIssuer],
})
export class TokensModule {}
