import { Injectable } from '@nestjs/common';
import type { AuthorizationState } from '../../authorizations/authorization.js';
import { AuthorizationRepository } from '../../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../../authorizations/authorizations.service.js';
import { liveAuthorization } from '../../authorizations/liveness.js';
import type { Client } from '../../clients/client.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { RefreshTokens } from '../../tokens/refresh-tokens.js';
import { OAuthError } from '../common/oauth-error.js';
import type { RequestContext } from '../common/request-context.js';

interface FoundToken {
  readonly state: AuthorizationState;
  /** Whether the token would be valid if its authorization is live. */
  readonly isCurrent: boolean;
}

/** Revokes tokens (RFC 7009). Revoking any token of a login ends the whole login. */
@Injectable()
export class RevocationService {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly repository: AuthorizationRepository,
    private readonly authorizations: AuthorizationsService,
  ) {}

  /**
   * Does nothing for an invalid token (RFC 7009 section 2.2), which includes another client's dead token: ADR 0028.
   *
   * @throws OAuthError invalid_grant for another client's live token (RFC 7009 section 2.1)
   */
  async revoke(token: string, client: Client, context: RequestContext): Promise<void> {
    const found = await this.#find(token);
    if (found === null) return;
    const { authorization, owner } = found.state;
    if (authorization.clientKey !== client.key) {
      const live = found.isCurrent ? liveAuthorization(found.state) : null;
      if (live === null) return;
      throw OAuthError.foreignToken(`${client.clientId} presented a token of ${live.client.clientId}`);
    }
    const subject = { sid: authorization.id, clientId: client.clientId, subject: owner?.sub };
    await this.authorizations.revoke(subject, 'authorization_revoked', {
      actor: client.clientId,
      ...context,
    });
  }

  /** The hint is not needed: access tokens and refresh tokens have different forms. */
  async #find(token: string): Promise<FoundToken | null> {
    const claims = this.accessTokens.read(token);
    const refreshToken = claims === null ? await this.refreshTokens.verify(token) : null;
    const sid = claims?.sid ?? refreshToken?.state.authorization.id;
    const state = sid === undefined ? null : await this.repository.find(sid);
    if (state === null) return null;
    const isCurrent =
      claims === null
        ? refreshToken?.generation === state.authorization.generation
        : claims.exp * 1000 > state.now;
    return { state, isCurrent };
  }
}
