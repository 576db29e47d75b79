import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { GROUPS_OMITTED, type ScopeSet, type TokenResponse } from '@latchkey/contracts';
import type { Authorization, AuthorizationOwner } from '../authorizations/authorization.js';
import type { Client } from '../clients/client.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { AccessTokens } from './access-tokens.js';
import { acrOf } from './authentication-context.js';

export interface TokenGrant {
  readonly client: Client;
  readonly authorization: Pick<
    Authorization,
    'id' | 'clientEpoch' | 'userEpoch' | 'createdAt' | 'expiresAt' | 'amr'
  >;
  /** `null` when the client acts on its own behalf. */
  readonly owner: Pick<AuthorizationOwner, 'sub' | 'groups'> | null;
  readonly scope: ScopeSet;
  /** The APIs that this access token is for; never empty. */
  readonly audience: readonly string[];
  readonly refreshToken: string | null;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: number;
}

/** In bytes. Such a JWT has about 4,500 characters. */
const MAX_CLAIMS_WITH_GROUPS = 3 * 1024;

/** Access tokens are only created here. The grants decide whether a token may be issued. */
@Injectable()
export class TokenIssuer {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly accessTokens: AccessTokens,
  ) {}

  issue({ client, authorization, owner, scope, audience, refreshToken, now }: TokenGrant): TokenResponse {
    const { accessTokenFormat, accessTokenSigningAlg, accessTokenTtl } = client;
    const iat = Math.floor(now / 1000);
    const exp = Math.min(iat + accessTokenTtl, Math.floor(authorization.expiresAt / 1000));
    const claims: AccessTokenClaims = {
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
      ...(authorization.userEpoch !== null && {
        user_epoch: authorization.userEpoch,
        amr: authorization.amr,
        acr: acrOf(authorization.amr),
      }),
    };
    const accessToken = this.accessTokens.create(
      accessTokenFormat === 'jwt' ? withGroups(claims, owner?.groups ?? []) : claims,
      accessTokenFormat,
      accessTokenSigningAlg,
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

/**
 * Adds the groups to the claims. Only a JWT has them, because an opaque token is read by introspection only, which
 * returns the current groups. Groups that would make the token too long for proxies between client and API are left to
 * introspection too.
 */
function withGroups(claims: AccessTokenClaims, groups: readonly string[]): AccessTokenClaims {
  if (groups.length === 0) return claims;
  const grouped = { ...claims, groups };
  const fits = Buffer.byteLength(JSON.stringify(grouped)) <= MAX_CLAIMS_WITH_GROUPS;
  return fits ? grouped : { ...claims, [GROUPS_OMITTED]: true };
}
