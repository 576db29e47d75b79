import { Injectable } from '@nestjs/common';
import type { ScopeSet, TokenResponse } from '@latchkey/contracts';
import type { Authorization, AuthorizationOwner } from '../../../authorizations/authorization.js';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import { RefreshTokens } from '../../../tokens/refresh-tokens.js';
import { TokenIssuer } from '../../../tokens/token-issuer.js';
import type { User } from '../../../users/user.js';

/** The authorization and the first tokens of a resource owner's login. */
@Injectable()
export class OwnerTokens {
  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly issuer: TokenIssuer,
  ) {}

  /** The authorization to store. Its epochs are those that were read before the password was checked. */
  prepare(
    client: Client,
    user: User,
    scope: ScopeSet,
    audience: readonly string[],
    address: string | null,
  ): NewAuthorization {
    const { refreshTokenPolicy, refreshTokenTtl, accessTokenTtl } = client;
    const refreshable = refreshTokenPolicy !== 'none' && client.grantTypes.has('refresh_token');
    return {
      clientKey: client.key,
      clientEpoch: client.epoch,
      userKey: user.key,
      userEpoch: user.epoch,
      scope,
      audience,
      amr: ['pwd'],
      address,
      seed: refreshable ? this.refreshTokens.newSeed() : null,
      lifetime: refreshable ? refreshTokenTtl : accessTokenTtl,
    };
  }

  issue(client: Client, owner: AuthorizationOwner, authorization: Authorization): TokenResponse {
    const { scope, audience, generation, createdAt } = authorization;
    return this.issuer.issue({
      client,
      authorization,
      owner,
      scope,
      audience,
      refreshToken: this.refreshTokens.create(authorization, generation),
      now: createdAt,
    });
  }
}
