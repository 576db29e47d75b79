import { Injectable } from '@nestjs/common';
import type { ScopeSet, TokenResponse } from '@latchkey/contracts';
import type { LastingAuthorization, LiveAuthorization } from '../../../authorizations/authorization.js';
import { liveAuthorization, stillAllowed } from '../../../authorizations/authorization.js';
import { AuthorizationRepository } from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import { decideRefresh } from '../../../authorizations/refresh-decision.js';
import { RefreshTokens } from '../../../tokens/refresh-tokens.js';
import { TokenIssuer } from '../../../tokens/token-issuer.js';
import { OAuthError } from '../../common/oauth-error.js';
import { requestedAudience } from './audience-policy.js';
import type { GrantHandler, TokenRequest } from './grant-handler.js';
import { requestAddress } from './login-source.js';
import { RefreshRecorder } from './refresh-recorder.js';
import { requestedScope, withinToken } from './scope-policy.js';

/** Each attempt that lost a race has seen another request win, so this many in a row mean a storm. */
const MAX_ATTEMPTS = 10;

/** The generation that the client holds from now on, and when that was decided by the database's clock. */
interface Refreshed {
  readonly generation: number;
  readonly now: number;
}

/** Refreshing an access token (RFC 6749 section 6), with rotation and reuse detection (RFC 9700 section 4.14.2). */
@Injectable()
export class RefreshTokenGrant implements GrantHandler {
  readonly grantType = 'refresh_token';

  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly repository: AuthorizationRepository,
    private readonly authorizations: AuthorizationsService,
    private readonly issuer: TokenIssuer,
    private readonly recorder: RefreshRecorder,
  ) {}

  async handle(request: TokenRequest): Promise<TokenResponse> {
    const token = request.parameters.require('refresh_token');
    // The policy may have changed since the token was issued.
    if (request.client.refreshTokenPolicy === 'none') {
      throw OAuthError.invalidRefreshToken('the client gets no refresh tokens');
    }
    const requested = requestedScope(request.parameters.get('scope'));
    const rotated = await this.#rotateRemembered(request, token, requested);
    if (rotated !== null) return rotated;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const response = await this.#attempt(request, token, requested);
      if (response !== null) return response;
    }
    throw OAuthError.temporarilyUnavailable(new Error('lost every race to refresh this token'));
  }

  /**
   * The usual case in one statement: what memory knows suffices to see that the token is genuine, and the statement
   * spends it only where the database agrees on all the rest.
   *
   * @returns `null` when there is anything else to decide
   */
  async #rotateRemembered(
    request: TokenRequest,
    token: string,
    requested: ScopeSet | null,
  ): Promise<TokenResponse | null> {
    const { client } = request;
    const found = await this.refreshTokens.findRemembered(token, client);
    if (found === null) return null;
    const { generation, live } = found;
    const { refreshTokenMaxUses } = client;
    if (refreshTokenMaxUses !== null && generation >= refreshTokenMaxUses) return null;
    const permitted = permittedIfAny(live, request, requested);
    if (permitted === null) return null;
    const { id } = live.authorization;
    const from = requestAddress(client, request.context);
    const now = await this.repository.rotateIfDue(id, generation, client, from);
    if (now === null) return null;
    return this.#respond('rotate', request, live, permitted, { generation: generation + 1, now });
  }

  /** @returns `null` when another request changed the authorization between reading and rotating it */
  async #attempt(
    request: TokenRequest,
    token: string,
    requested: ScopeSet | null,
  ): Promise<TokenResponse | null> {
    const { client } = request;
    const found = await this.refreshTokens.find(token);
    // RFC 6749 section 10.4: bound to the client it was issued to. Another client's attempt spends nothing.
    if (found?.state.authorization.clientKey !== client.key) {
      throw this.recorder.refused('unknown', 'unknown, altered, or of another client');
    }
    const live = liveAuthorization(found.state);
    if (live === null) throw this.recorder.refused('ended', 'the authorization is revoked, expired or ended');
    const permitted = permittedTo(live, request, requested);
    const refreshed = await this.#spend(found.generation, live, request);
    if (refreshed === null) return null;
    const outcome = refreshed.generation === live.authorization.generation ? 'repeat' : 'rotate';
    return this.#respond(outcome, request, live, permitted, refreshed);
  }

  #respond(
    outcome: 'rotate' | 'repeat',
    request: TokenRequest,
    live: LiveAuthorization<LastingAuthorization>,
    permitted: Permitted,
    { generation, now }: Refreshed,
  ): TokenResponse {
    const { client } = request;
    const { authorization, owner } = live;
    this.recorder.granted(outcome, live, request);
    const refreshToken = this.#successor(client, authorization, generation);
    return this.issuer.issue({ client, authorization, owner, ...permitted, refreshToken, now });
  }

  async #spend(
    generation: number,
    live: LiveAuthorization,
    request: TokenRequest,
  ): Promise<Refreshed | null> {
    const { authorization, now } = live;
    const decision = decideRefresh(generation, authorization, request.client, now);
    switch (decision) {
      case 'rotate': {
        const from = requestAddress(request.client, request.context);
        const rotatedAt = await this.repository.rotate(authorization, from);
        return rotatedAt === null ? null : { generation: authorization.generation + 1, now: rotatedAt };
      }
      case 'repeat': {
        const { refreshTokenMaxRetries: max } = request.client;
        const isRetry = generation < authorization.generation;
        if (isRetry && max !== null && !(await this.repository.countRetry(authorization, max))) return null;
        await this.recorder.repeated(generation, live, request);
        return { generation: authorization.generation, now };
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
    authorization: LastingAuthorization,
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

/** What a new access token is for. */
interface Permitted {
  readonly scope: ScopeSet;
  readonly audience: readonly string[];
}

/** @throws OAuthError when nothing is permitted, or not what was asked for */
function permittedTo(
  live: LiveAuthorization<LastingAuthorization>,
  request: TokenRequest,
  requested: ScopeSet | null,
): Permitted {
  return { scope: narrow(live, requested), audience: narrowAudience(live, request) };
}

/** @returns `null` where memory knows of nothing permitted: it may be behind, and a refusal is the database's to give */
function permittedIfAny(...parameters: Parameters<typeof permittedTo>): Permitted | null {
  try {
    return permittedTo(...parameters);
  } catch (error) {
    if (error instanceof OAuthError) return null;
    throw error;
  }
}

/**
 * The scope of the new access token: what was granted and is still allowed, or the part of it that was asked for. The
 * refresh token keeps the whole (RFC 6749 section 6).
 */
function narrow(live: LiveAuthorization<LastingAuthorization>, requested: ScopeSet | null): ScopeSet {
  const { scope: granted } = live.authorization;
  if (requested !== null && !granted.covers(requested)) {
    throw OAuthError.invalidScope('The scope exceeds what was granted');
  }
  const scope = stillAllowed(requested ?? granted, live);
  if (scope.isEmpty) throw OAuthError.invalidRefreshToken('nothing of the scope is allowed any longer');
  return withinToken(scope);
}

/** The part of the granted audience that is still the client's, or what `resource` names of it (RFC 8707 section 2.2). */
function narrowAudience(
  { authorization }: LiveAuthorization<LastingAuthorization>,
  { client, parameters }: TokenRequest,
): readonly string[] {
  const allowed = authorization.audience.filter((name) => client.audience.includes(name));
  if (allowed.length === 0)
    throw OAuthError.invalidRefreshToken('nothing of the audience is allowed any longer');
  return requestedAudience(parameters, allowed);
}
