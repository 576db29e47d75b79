import { Injectable } from '@nestjs/common';
import type { SigningAlgorithm } from '@latchkey/contracts';
import type { AccessTokenFormat } from '../clients/client-fields.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { KeyRing } from '../data-keys/key-ring.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { OPAQUE_PREFIX, OpaqueAccessTokens } from './opaque-access-tokens.js';
import { VerifiedTokens } from './verified-tokens.js';

const MAX_REMEMBERED = 10_000;

/** Access tokens of both formats. None is stored: a token proves itself, and its authorization says if it is good. */
@Injectable()
export class AccessTokens {
  #verified = new VerifiedTokens(MAX_REMEMBERED);
  /** The keys that they were verified with. */
  #ring: KeyRing | null = null;

  constructor(
    private readonly keys: DataKeysService,
    private readonly jwt: JwtAccessTokens,
    private readonly opaque: OpaqueAccessTokens,
  ) {}

  /** @param algorithm of a JWT */
  create(
    claims: AccessTokenClaims,
    format: AccessTokenFormat,
    algorithm: SigningAlgorithm = 'ES256',
  ): string {
    return format === 'jwt' ? this.jwt.sign(claims, algorithm) : this.opaque.seal(claims);
  }

  /** @returns what the token says, expired or not; `null` for anything that is no access token of ours */
  read(token: string): AccessTokenClaims | null {
    return this.#remembered().read(token, (unknown) =>
      unknown.startsWith(OPAQUE_PREFIX) ? this.opaque.open(unknown) : this.jwt.verify(unknown),
    );
  }

  /** The same of a token that was read before. @returns `null` when it is not remembered, whatever it is */
  recall(token: string): AccessTokenClaims | null {
    return this.#remembered().recall(token);
  }

  #remembered(): VerifiedTokens {
    const { ring } = this.keys;
    if (ring !== this.#ring) {
      this.#verified = new VerifiedTokens(MAX_REMEMBERED);
      this.#ring = ring;
    }
    return this.#verified;
  }
}
