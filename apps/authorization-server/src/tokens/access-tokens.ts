import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SigningAlgorithm } from '@latchkey/contracts';
import { growingTo } from '@latchkey/platform/caching';
import { LRUCache } from 'lru-cache';
import type { AccessTokenFormat } from '../clients/client-fields.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { KeyRing } from '../data-keys/key-ring.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { OPAQUE_PREFIX, OpaqueAccessTokens } from './opaque-access-tokens.js';

const MAX_CACHED = 15_000;

/** Access tokens of both formats. They are not stored: their authorization decides whether they are live. */
@Injectable()
export class AccessTokens {
  /**
   * Verified claims by token digest, because verification is the largest single cost of an introspection. Only valid
   * tokens are cached, so invalid ones evict nothing.
   */
  readonly #verified = new LRUCache<string, AccessTokenClaims>(growingTo(MAX_CACHED));
  /** The keys with which they were verified. */
  #ring: KeyRing | null = null;

  constructor(
    private readonly keys: DataKeysService,
    private readonly jwt: JwtAccessTokens,
    private readonly opaque: OpaqueAccessTokens,
  ) {}

  /** @param algorithm for a JWT */
  create(claims: AccessTokenClaims, format: AccessTokenFormat, algorithm: SigningAlgorithm): string {
    return format === 'jwt' ? this.jwt.sign(claims, algorithm) : this.opaque.seal(claims);
  }

  /** @returns the claims of the token, expired or not; `null` for anything that is no access token of ours */
  read(token: string): AccessTokenClaims | null {
    const { ring } = this.keys;
    if (ring !== this.#ring) this.#verified.clear();
    this.#ring = ring;
    const digest = hash('sha256', token, 'base64');
    const cached = this.#verified.get(digest);
    if (cached !== undefined) return cached;
    const claims = token.startsWith(OPAQUE_PREFIX) ? this.opaque.open(token) : this.jwt.verify(token);
    if (claims !== null && claims.exp * 1000 > Date.now()) this.#verified.set(digest, claims);
    return claims;
  }
}
