import { Injectable } from '@nestjs/common';
import type { ScopeSet, TokenResponse } from '@latchkey/contracts';
import {
  stillAllowed,
  type AuthorizationState,
  type CachedAuthorization,
  type LiveAuthorization,
} from '../../../authorizations/authorization.js';
import { AuthorizationRepository } from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import { liveAuthorization } from '../../../authorizations/liveness.js';
import { decideRefresh } from '../../../authorizations/refresh-decision.js';
import { RefreshTokens } from '../../../tokens/refresh-tokens.js';
import { TokenIssuer } from '../../../tokens/token-issuer.js';
import { OAuthError } from '../../common/oauth-error.js';
import { requestedAudience } from './audience-policy.js';
import type { GrantHandler, TokenRequest } from './grant-handler.js';
import { requestAddress } from './read-login-source.js';
import { RefreshRecorder } from './refresh-recorder.js';
import { requestedScope, withinToken } from './scope-policy.js';

/** An attempt fails only if another request wins the race, so this many failures mean a flood of requests. */
const MAX_ATTEMPTS = 10;

/** The generation that the client has from now on, and the time of the decision by the database's clock. */
interface Refreshed {
  readonly outcome: 'rotate' | 'repeat';
  readonly generation: number;
  readonly now: number;
}

/** The refresh token grant (RFC 6749 section 6), with rotation and reuse detection (RFC 9700 section 4.14.2). */
@Injectable()
export class RefreshTokenGrant implements GrantHandler {
  readonly grantType = 'refresh_token';
  readonly registeredAs = 'refresh_token';

  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly repository: AuthorizationRepository,
    private readonly authorizations: AuthorizationsService,
    private readonly issuer: TokenIssuer,
    private readonly recorder: RefreshRecorder,
  ) {}

  async handle(request: TokenRequest): Promise<TokenResponse> {
    const { client, parameters } = request;
    const token = parameters.require('refresh_token');
    // The policy may have changed since the token was issued.
    if (client.refreshTokenPolicy === 'none') {
      throw OAuthError.invalidRefreshToken('the client gets no refresh tokens');
    }
    const requested = requestedScope(parameters.get('scope'));
    const found = await this.refreshTokens.verify(token);
    // RFC 6749 section 10.4: the token is bound to its client. Another client's attempt does not spend it.
    if (found?.state.authorization.clientKey !== client.key) {
      throw this.recorder.refused('unknown', 'unknown, altered, or of another client');
    }
    const live = this.#assertLive(found.state);
    const permitted = permittedTo(live, request, requested);
    const { authorization, owner } = live;
    const { outcome, generation, now } = await this.#spend(found.generation, authorization.id, request);
    this.recorder.granted(outcome, live, request);
    const refreshToken = this.#successor(client, authorization, generation);
    return this.issuer.issue({ client, authorization, owner, ...permitted, refreshToken, now });
  }

  /** @throws OAuthError */
  #assertLive<A extends CachedAuthorization>(state: AuthorizationState<A> | null): LiveAuthorization<A> {
    const live = liveAuthorization(state);
    if (live === null) throw this.recorder.refused('ended', 'the authorization is revoked, expired or ended');
    return live;
  }

  /** Spends the token in one statement in the usual case that it is valid; otherwise reads its state and decides. */
  async #spend(presented: number, sid: string, request: TokenRequest): Promise<Refreshed> {
    const { client, context } = request;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const rotatedAt = await this.repository.rotate(sid, presented, client, requestAddress(client, context));
      if (rotatedAt !== null) return { outcome: 'rotate', generation: presented + 1, now: rotatedAt };
      const live = this.#assertLive(await this.repository.find(sid));
      const refreshed = await this.#decide(presented, live, request);
      if (refreshed !== null) return refreshed;
    }
    throw OAuthError.temporarilyUnavailable(new Error('lost every race to refresh this token'));
  }

  /** @returns `null` when another request has changed the authorization meanwhile */
  async #decide(
    presented: number,
    live: LiveAuthorization,
    request: TokenRequest,
  ): Promise<Refreshed | null> {
    const { authorization, now } = live;
    const decision = decideRefresh(presented, authorization, request.client, now);
    switch (decision) {
      case 'rotate':
        return null;
      case 'repeat': {
        const { refreshTokenMaxRetries: max } = request.client;
        const isRetry = presented < authorization.generation;
        if (isRetry && max !== null && !(await this.repository.countRetry(authorization, max))) return null;
        await this.recorder.repeated(presented, live, request);
        return { outcome: 'repeat', generation: authorization.generation, now };
      }
      case 'reuse':
        await this.#revoke('refresh_token_reuse', live, request);
        break;
      case 'rollback':
        await this.#revoke('rollback_detected', live, request);
        break;
      case 'expired':
      case 'clock':
    }
    throw this.recorder.refused(decision);
  }

  /** With the policy `limited`, the answer to the last allowed use carries no refresh token. */
  #successor(
    { refreshTokenMaxUses }: Client,
    authorization: CachedAuthorization,
    generation: number,
  ): string | null {
    if (refreshTokenMaxUses !== null && generation >= refreshTokenMaxUses) return null;
    return this.refreshTokens.create(authorization, generation);
  }

  #revoke(
    kind: 'refresh_token_reuse' | 'rollback_detected',
    { authorization, owner }: LiveAuthorization,
    { client, context }: TokenRequest,
  ): Promise<void> {
    const subject = { sid: authorization.id, clientId: client.clientId, subject: owner?.sub };
    const address = requestAddress(client, context);
    return this.authorizations.revoke(subject, kind, { actor: client.clientId, ...context, address });
  }
}

/** What a new access token may contain. */
interface Permitted {
  readonly scope: ScopeSet;
  readonly audience: readonly string[];
}

/** @throws OAuthError when nothing is permitted, or not what was requested */
function permittedTo(
  live: LiveAuthorization<CachedAuthorization>,
  request: TokenRequest,
  requested: ScopeSet | null,
): Permitted {
  return { scope: narrow(live, requested), audience: narrowAudience(live, request) };
}

/**
 * The scope of the new access token: the granted scopes that are still allowed, or the requested part of them. The
 * refresh token keeps the whole scope (RFC 6749 section 6).
 */
function narrow(live: LiveAuthorization<CachedAuthorization>, requested: ScopeSet | null): ScopeSet {
  const { scope: granted } = live.authorization;
  if (requested !== null && !granted.covers(requested)) {
    throw OAuthError.invalidScope('The scope exceeds what was granted');
  }
  const scope = stillAllowed(requested ?? granted, live);
  if (scope.isEmpty) throw OAuthError.invalidRefreshToken('nothing of the scope is allowed any longer');
  return withinToken(scope);
}

/** The part of the granted audience that the client still has, or that `resource` names (RFC 8707 section 2.2). */
function narrowAudience(
  { authorization }: LiveAuthorization<CachedAuthorization>,
  { client, parameters }: TokenRequest,
): readonly string[] {
  const allowed = authorization.audience.filter((name) => client.audience.includes(name));
  if (allowed.length === 0)
    throw OAuthError.invalidRefreshToken('nothing of the audience is allowed any longer');
  return requestedAudience(parameters, allowed);
}
