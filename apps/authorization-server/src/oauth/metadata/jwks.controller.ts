import { Public } from '@latchkey/resource-server';
import type { SigningAlgorithm } from '@latchkey/contracts';
import {
  Describe,
  DescribeAll,
  listOf,
  named,
  objectSchema,
  oneOf,
  TEXT,
  type JsonSchema,
  type Schema,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { Controller, Get, Header } from '@nestjs/common';
import { DataKeysService, JWKS_MAX_AGE } from '../../data-keys/data-keys.service.js';
import { PUBLIC_PART } from '../common/describe-oauth.js';

/** A public signing key (RFC 7517 section 4), of an elliptic curve or of RSA (RFC 7518 sections 6.2 and 6.3). */
const JWKS = named(
  'Jwks',
  objectSchema({
    keys: listOf<PublicJwk>({
      anyOf: [
        jwkSchema('ES256', 'EC', { crv: oneOf('P-256'), x: TEXT, y: TEXT }),
        jwkSchema('RS256', 'RSA', { n: TEXT, e: TEXT }),
      ],
    }),
  }),
);

type PublicJwk = Readonly<Record<string, string | undefined>>;

function jwkSchema(
  alg: SigningAlgorithm,
  kty: string,
  parameters: Record<string, Schema<string>>,
): JsonSchema {
  return objectSchema({ kty: oneOf(kty), ...parameters, kid: TEXT, use: oneOf('sig'), alg: oneOf(alg) });
}

/** Publishes the keys that verify our JWT access tokens. */
@Public()
@DescribeAll(PUBLIC_PART)
@Controller('oauth/jwks')
export class JwksController {
  constructor(private readonly keys: DataKeysService) {}

  @Get()
  @Header('cache-control', `public, max-age=${JWKS_MAX_AGE}`)
  // The keys are public, so browsers may read them.
  @Header('access-control-allow-origin', '*')
  @Describe('The keys that verify JWT access tokens (RFC 7517)', { answer: JWKS, meaning: 'The keys' })
  readKeys(): TypeOf<typeof JWKS> {
    return {
      keys: this.keys.ring.signingKeys().map(({ kid, algorithm, publicKey }) => {
        const { kty, crv, x, y, n, e } = publicKey.export({ format: 'jwk' });
        const parameters = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
        return { ...parameters, kid, use: 'sig', alg: algorithm };
      }),
    };
  }
}
