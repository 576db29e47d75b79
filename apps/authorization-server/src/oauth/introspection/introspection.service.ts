import { Inject, Injectable } from '@nestjs/common';
import { ScopeSet, type ActiveTokenResponse, type IntrospectionResponse } from '@latchkey/contracts';
import { whenKnown } from '@latchkey/platform/caching';
import { RepeatedWarning } from '@latchkey/platform/logging';
import type { Logger } from 'pino';
import {
  stillAllowed,
  type CachedAuthorization,
  type LiveAuthorization,
} from '../../authorizations/authorization.js';
import { liveAuthorization } from '../../authorizations/liveness.js';
import { TokenAuthorizations } from '../../authorizations/token-authorizations.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../../config/config.token.js';
import { isReservedScope } from '../../scopes/reserved-scope.js';
import type { AccessTokenClaims } from '../../tokens/access-token-claims.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { acrOf } from '../../tokens/authentication-context.js';

const INACTIVE: IntrospectionResponse = Object.freeze({ active: false });

/** Describes an access token to a resource server (RFC 7662). In case of doubt the token is inactive. */
@Injectable()
export class IntrospectionService {
  /** The response gives no reason, so without this warning a wrong audience would be hard to find. */
  readonly #elsewhere: RepeatedWarning;

  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly accessTokens: AccessTokens,
    private readonly authorizations: TokenAuthorizations,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#elsewhere = new RepeatedWarning(logger, 'a resource server asks about tokens of another audience');
  }

  /**
   * Answers synchronously when everything is cached.
   *
   * @param audience the identifiers of the resource server; a token for none of them is inactive (RFC 7662 section 4)
   */
  introspect(
    token: string,
    audience: readonly string[],
  ): IntrospectionResponse | Promise<IntrospectionResponse> {
    const claims = this.accessTokens.read(token);
    if (claims === null) return INACTIVE;
    if (!this.#isFor(audience, claims)) {
      const { iss, aud } = claims;
      this.#elsewhere.happened(() => ({
        audience,
        issuer: this.config.issuer,
        token_aud: aud,
        token_iss: iss,
      }));
      return INACTIVE;
    }
    return whenKnown(
      [this.authorizations.find(claims.sid)],
      (state) => this.#describeActive(claims, liveAuthorization(state), audience) ?? INACTIVE,
    );
  }

  #isFor(audience: readonly string[], { iss, aud }: AccessTokenClaims): boolean {
    if (iss !== this.config.issuer) return false;
    return typeof aud === 'string' ? audience.includes(aud) : aud.some((name) => audience.includes(name));
  }

  #describeActive(
    claims: AccessTokenClaims,
    live: LiveAuthorization<CachedAuthorization> | null,
    audience: readonly string[],
  ): ActiveTokenResponse | null {
    if (live === null || claims.exp * 1000 <= live.now) return null;
    if (live.client.clientId !== claims.client_id) return null;
    const scope = stillAllowed(ScopeSet.intern(claims.scope), live);
    if (scope.isEmpty) return null;
    const aud = this.#stillFor(claims, scope, live);
    if (aud === claims.aud) return describe(claims, scope, live);
    const kept = { ...claims, aud };
    return this.#isFor(audience, kept) ? describe(kept, scope, live) : null;
  }

  /** The part of the token's audience that the client still has. Administrative scopes are always for this server. */
  #stillFor(
    { aud }: AccessTokenClaims,
    scope: ScopeSet,
    { client }: LiveAuthorization<CachedAuthorization>,
  ): string | readonly string[] {
    const isStill = (name: string): boolean =>
      client.audience.includes(name) || (name === this.config.issuer && [...scope].some(isReservedScope));
    if (typeof aud !== 'string') return aud.filter(isStill);
    return isStill(aud) ? aud : [];
  }
}

function describe(
  claims: AccessTokenClaims,
  scope: ScopeSet,
  { authorization: { amr }, client, owner }: LiveAuthorization<CachedAuthorization>,
): ActiveTokenResponse {
  const { exp, iat, sub, iss, jti, sid } = claims;
  const response: ActiveTokenResponse = {
    active: true,
    scope: scope.toString(),
    client_id: claims.client_id,
    token_type: 'Bearer',
    exp,
    iat,
    sub,
    aud: typeof claims.aud === 'string' ? claims.aud : [...claims.aud],
    iss,
    jti,
    sid,
    auth_time: claims.auth_time,
    client_epoch: client.epoch,
  };
  if (owner !== null) {
    response.username = owner.username;
    response.user_epoch = owner.epoch;
    response.amr = amr;
    response.acr = acrOf(amr);
    if (owner.groups.length > 0) response.groups = [...owner.groups];
  }
  return response;
}
