import { Public } from '@latchkey/resource-server';
import type { SigningAlgorithm } from '@latchkey/contracts';
import { Controller, Get, Header } from '@nestjs/common';
import { DataKeysService, JWKS_MAX_AGE } from '../../data-keys/data-keys.service.js';

/** A public signing key (RFC 7517 section 4), of an elliptic curve or of RSA (RFC 7518 sections 6.2 and 6.3). */
interface PublicJwk {
  kty?: string;
  crv?: string;
  x?: string;
  y?: string;
  n?: string;
  e?: string;
  kid: string;
  use: 'sig';
  alg: SigningAlgorithm;
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
      keys: this.keys.ring.signingKeys().map(({ kid, algorithm, publicKey }) => {
        const { kty, crv, x, y, n, e } = publicKey.export({ format: 'jwk' });
        const parameters = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
        return { ...parameters, kid, use: 'sig', alg: algorithm };
      }),
    };
  }
}
