import { Injectable } from '@nestjs/common';
import type { AccessTokenFormat } from '../clients/client.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { OPAQUE_PREFIX, OpaqueAccessTokens } from './opaque-access-tokens.js';

/** Access tokens of both formats. None is stored: a token proves itself, and its authorization says if it is good. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtAccessTokens,
    private readonly opaque: OpaqueAccessTokens,
  ) {}

  create(claims: AccessTokenClaims, format: AccessTokenFormat): string {
    return format === 'jwt' ? this.jwt.sign(claims) : this.opaque.seal(claims);
  }

  /** @returns what the token says, expired or not; `null` for anything that is no access token of ours */
  read(token: string): AccessTokenClaims | null {
    return token.startsWith(OPAQUE_PREFIX) ? this.opaque.open(token) : this.jwt.verify(token);
  }
}
