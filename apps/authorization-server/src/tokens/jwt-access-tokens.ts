import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { decodeBase64url, hasLowS, type SigningAlgorithm } from '@latchkey/contracts';
import type { SigningKey } from '../data-keys/data-key.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { encodeHeader, signJwt } from './sign-jwt.js';

const TYPE = 'at+jwt';

/** Access tokens as JWTs (RFC 9068), signed with ES256 or RS256. */
@Injectable()
export class JwtAccessTokens {
  /** By `kid`. */
  readonly #headers = new Map<string, string>();

  constructor(
    private readonly jwt: JwtService,
    private readonly keys: DataKeysService,
  ) {}

  sign(claims: AccessTokenClaims, algorithm: SigningAlgorithm): string {
    const key = this.keys.ring.activeSigningKey(algorithm);
    return signJwt(this.#header(key), claims, key.privateKey);
  }

  /**
   * Verifies header and signature. The caller checks the expiry, by the database's clock.
   *
   * @returns `null` for anything that we did not sign as an access token
   */
  verify(token: string): AccessTokenClaims | null {
    const header = readHeader(token);
    if (header?.typ !== TYPE || typeof header.kid !== 'string') return null;
    const key = this.keys.ring.findSigningKey(header.kid);
    // The key determines the algorithm, and the token has to agree (RFC 8725 section 3.1).
    if (key === null || header.alg !== key.algorithm) return null;
    if (!hasOneSignature(token, key.algorithm)) return null;
    try {
      return this.jwt.verify<AccessTokenClaims & object>(token, {
        // jsonwebtoken accepts a KeyObject, which avoids parsing the key each time; Nest's declaration is narrower.
        publicKey: key.publicKey as unknown as Buffer,
        algorithms: [key.algorithm],
        ignoreExpiration: true,
      });
    } catch {
      return null;
    }
  }

  #header({ kid, algorithm }: SigningKey): string {
    let header = this.#headers.get(kid);
    if (header === undefined) {
      header = encodeHeader({ alg: algorithm, typ: TYPE, kid });
      this.#headers.set(kid, header);
    }
    return header;
  }
}

/** Header and payload are signed in their written form, but a signature could be written in several ways. */
function hasOneSignature(token: string, algorithm: SigningAlgorithm): boolean {
  const signature = decodeBase64url(token.slice(token.lastIndexOf('.') + 1));
  return signature !== null && (algorithm !== 'ES256' || hasLowS(signature));
}

function readHeader(token: string): Record<string, unknown> | null {
  const [encodedHeader = '', , , ...rest] = token.split('.');
  if (rest.length > 0) return null;
  try {
    const header: unknown = JSON.parse(Buffer.from(encodedHeader, 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
