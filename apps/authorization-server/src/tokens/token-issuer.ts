import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ScopeSet, TokenResponse } from '@latchkey/contracts';
import type { AuthorizationOwner, LastingAuthorization } from '../authorizations/authorization.js';
import type { Client } from '../clients/client.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { AccessTokens } from './access-tokens.js';

export interface TokenGrant {
  readonly client: Client;
  readonly authorization: LastingAuthorization;
  /** `null` when the client acts on its own behalf. */
  readonly owner: Pick<AuthorizationOwner, 'sub' | 'groups'> | null;
  /** The scope of this access token. */
  readonly scope: ScopeSet;
  /** The APIs that this access token is for; never empty. */
  readonly audience: readonly string[];
  readonly refreshToken: string | null;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: number;
}

/** The only place where access tokens are made. Whether they may be is decided by the grants. */
@Injectable()
export class TokenIssuer {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly accessTokens: AccessTokens,
  ) {}

  issue({ client, authorization, owner, scope, audience, refreshToken, now }: TokenGrant): TokenResponse {
    const { accessTokenFormat, accessTokenTtl } = client.tokenSettings;
    const iat = Math.floor(now / 1000);
    const exp = Math.min(iat + accessTokenTtl, Math.floor(authorization.expiresAt / 1000));
    const accessToken = this.accessTokens.create(
      {
        iss: this.config.issuer,
        sub: owner?.sub ?? client.clientId,
        aud: audience.length === 1 && audience[0] !== undefined ? audience[0] : audience,
        exp,
        iat,
        jti: randomUUID(),
        client_id: client.clientId,
        scope: scope.toString(),
        sid: authorization.id,
        auth_time: Math.floor(authorization.createdAt / 1000),
        client_epoch: authorization.clientEpoch,
        ...(authorization.userEpoch !== null && { user_epoch: authorization.userEpoch }),
        ...(owner !== null && owner.groups.length > 0 && { groups: owner.groups }),
      },
      accessTokenFormat,
    );
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: exp - iat,
      ...(refreshToken !== null && { refresh_token: refreshToken }),
      scope: scope.toString(),
    };
  }
}
