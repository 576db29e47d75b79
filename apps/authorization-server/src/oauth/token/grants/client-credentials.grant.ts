import { Inject, Injectable } from '@nestjs/common';
import type { ScopeSet, TokenResponse } from '@latchkey/contracts';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import type { Client } from '../../../clients/client.js';
import type { AuthorizationServerConfig } from '../../../config/authorization-server-config.js';
import { CONFIG } from '../../../config/config.token.js';
import { isReservedScope } from '../../../scopes/reserved-scope.js';
import { TokenIssuer } from '../../../tokens/token-issuer.js';
import { OAuthError } from '../../common/oauth-error.js';
import { requestedAudience } from './audience-policy.js';
import type { GrantHandler, TokenRequest } from './grant-handler.js';
import { scopeForClient } from './scope-policy.js';

/** A client on its own behalf (RFC 6749 section 4.4). Each token has an authorization that expires with it. */
@Injectable()
export class ClientCredentialsGrant implements GrantHandler {
  readonly grantType = 'client_credentials';
  readonly registeredAs = 'client_credentials';

  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly authorizations: AuthorizationsService,
    private readonly issuer: TokenIssuer,
  ) {}

  async handle({ client, parameters, context }: TokenRequest): Promise<TokenResponse> {
    // RFC 6749 section 4.4: confidential clients only, whatever the registration says.
    if (client.clientType !== 'confidential') {
      throw OAuthError.unauthorizedClient('The client may not use this grant type');
    }
    const scope = scopeForClient(client, parameters.get('scope'));
    const audience = requestedAudience(parameters, this.#allowedAudience(client, scope));
    const authorization = await this.authorizations.create(
      {
        clientKey: client.key,
        clientEpoch: client.epoch,
        userKey: null,
        userEpoch: null,
        scope,
        audience,
        amr: [],
        address: context.address,
        seed: null,
        lifetime: client.accessTokenTtl,
      },
      {
        ...context,
        kind: 'client_authorized',
        outcome: 'success',
        actor: client.clientId,
        clientId: client.clientId,
      },
    );
    return this.issuer.issue({
      client,
      authorization,
      owner: null,
      scope,
      audience,
      // RFC 6749 section 4.4.3: no refresh token; the client can ask again.
      refreshToken: null,
      now: authorization.createdAt,
    });
  }

  /** Administrative scopes are only for this server. */
  #allowedAudience(client: Client, scope: ScopeSet): readonly string[] {
    return [...scope].some(isReservedScope) ? [this.config.issuer] : client.audience;
  }
}
