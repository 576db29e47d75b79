import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import type { AccessTokenClaims } from './access-token-claims.js';
import { decodeBase64url } from './base64url.js';
import { encodeHeader, signEs256 } from './sign-jwt.js';

const ALGORITHM = 'ES256';
const TYPE = 'at+jwt';

/** Access tokens as JWTs (RFC 9068), signed with ES256. */
@Injectable()
export class JwtAccessTokens {
  /** By `kid`. */
  readonly #headers = new Map<string, string>();

  constructor(
    private readonly jwt: JwtService,
    private readonly keys: DataKeysService,
  ) {}

  sign(claims: AccessTokenClaims): string {
    const { kid, privateKey } = this.keys.ring.activeSigningKey();
    return signEs256(this.#header(kid), claims, privateKey);
  }

  /**
   * Checks header and signature. Expiry is left to the caller, who knows the database's clock.
   *
   * @returns `null` for anything that we did not sign as an access token
   */
  verify(token: string): AccessTokenClaims | null {
    const header = readHeader(token);
    if (header?.typ !== TYPE || header.alg !== ALGORITHM || typeof header.kid !== 'string') return null;
    const key = this.keys.ring.findSigningKey(header.kid);
    if (key === null) return null;
    try {
      return this.jwt.verify<AccessTokenClaims & object>(token, {
        // jsonwebtoken takes a KeyObject, which spares parsing the key each time; Nest's declaration is narrower.
        publicKey: key.publicKey as unknown as Buffer,
        algorithms: [ALGORITHM],
        ignoreExpiration: true,
      });
    } catch {
      return null;
    }
  }

  #header(kid: string): string {
    let header = this.#headers.get(kid);
    if (header === undefined) {
      header = encodeHeader({ alg: ALGORITHM, typ: TYPE, kid });
      this.#headers.set(kid, header);
    }
    return header;
  }
}

function readHeader(token: string): Record<string, unknown> | null {
  const [encodedHeader = '', , signature = '', ...rest] = token.split('.');
  // Header and payload are signed as they are written; the signature could be written in several ways.
  if (rest.length > 0 || decodeBase64url(signature) === null) return null;
  try {
    const header: unknown = JSON.parse(Buffer.from(encodedHeader, 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
