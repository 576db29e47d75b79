import { Injectable } from '@nestjs/common';
import type { AuthorizationState } from '../../authorizations/authorization.js';
import { AuthorizationRepository } from '../../authorizations/authorization-repository.js';
import { AuthorizationsService } from '../../authorizations/authorizations.service.js';
import type { Client } from '../../clients/client.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { RefreshTokens } from '../../tokens/refresh-tokens.js';
import type { RequestContext } from '../common/request-context.js';

/** Revokes what a token stands for (RFC 7009): any token of a login ends the login. */
@Injectable()
export class RevocationService {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly repository: AuthorizationRepository,
    private readonly authorizations: AuthorizationsService,
  ) {}

  /** Does nothing, and says nothing, about a token that is invalid or another client's (RFC 7009 section 2.2). */
  async revoke(token: string, client: Client, context: RequestContext): Promise<void> {
    const state = await this.#find(token);
    if (state?.authorization.clientKey !== client.key) return;
    const { authorization, owner } = state;
    const subject = { sid: authorization.id, clientId: client.clientId, subject: owner?.sub };
    await this.authorizations.revoke(subject, 'authorization_revoked', {
      actor: client.clientId,
      ...context,
    });
  }

  /** A hint could only tell where to look first; the two kinds look different, so it is not needed. */
  async #find(token: string): Promise<AuthorizationState | null> {
    const claims = this.accessTokens.read(token);
    if (claims !== null) return this.repository.find(claims.sid);
    return (await this.refreshTokens.find(token))?.state ?? null;
  }
}
