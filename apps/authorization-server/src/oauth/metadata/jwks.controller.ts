import { Public } from '@latchkey/resource-server';
import { Controller, Get, Header } from '@nestjs/common';
import { DataKeysService, JWKS_MAX_AGE } from '../../data-keys/data-keys.service.js';

/** A public signing key (RFC 7517 section 4, RFC 7518 section 6.2). */
interface PublicJwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
  kid: string;
  use: 'sig';
  alg: 'ES256';
}

/** The keys that verify our JWT access tokens. */
@Public()
@Controller('oauth/jwks')
export class JwksController {
  constructor(private readonly keys: DataKeysService) {}

  @Get()
  @Header('cache-control', `public, max-age=${JWKS_MAX_AGE}`)
  // Browsers may read what is public.
  @Header('access-control-allow-origin', '*')
  jwks(): { keys: PublicJwk[] } {
    return {
      keys: this.keys.ring.signingKeys().map(({ kid, publicKey }) => {
        const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
        return { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' };
      }),
    };
  }
}
