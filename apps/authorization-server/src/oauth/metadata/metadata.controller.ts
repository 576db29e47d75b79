import { Public } from '@latchkey/resource-server';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { GRANT_TYPES, MFA_GRANT_TYPES, SIGNING_ALGORITHMS } from '@latchkey/contracts';
import {
  Describe,
  DescribeAll,
  listOf,
  named,
  objectSchema,
  oneOf,
  TEXT,
  type TypeOf,
} from '@latchkey/platform/openapi';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { PublishedScopes } from '../../scopes/published-scopes.js';
import { PUBLIC_PART } from '../common/describe-oauth.js';
import { ACR_PHISHING_RESISTANT, ACR_VALUES, type Acr } from '../../tokens/authentication-context.js';
import { GrantRegistry } from '../token/grants/grant-registry.js';
import { FACTORS } from '../token/grants/second-factor.js';

/**
 * The metadata of the server (RFC 8414 section 2), limited to what is enabled. `response_types_supported` is missing:
 * without an authorization endpoint the list would be empty, and empty members must be left out (section 3.2).
 */
const METADATA = named(
  'Metadata',
  objectSchema(
    {
      issuer: TEXT,
      token_endpoint: TEXT,
      introspection_endpoint: TEXT,
      revocation_endpoint: TEXT,
      // An extension of ours: the feed that notifies resource servers of revocations.
      revocation_feed_endpoint: TEXT,
      jwks_uri: TEXT,
      // Without the administrative scopes, which applications do not use.
      scopes_supported: listOf(TEXT),
      grant_types_supported: listOf(oneOf(...GRANT_TYPES, ...MFA_GRANT_TYPES)),
      // Not registered with IANA: how JWT access tokens may be signed (RFC 9068 section 2.1).
      access_token_signing_alg_values_supported: listOf(oneOf(...SIGNING_ALGORITHMS)),
      token_endpoint_auth_methods_supported: listOf(TEXT),
      introspection_endpoint_auth_methods_supported: listOf(TEXT),
      revocation_endpoint_auth_methods_supported: listOf(TEXT),
    },
    // The values that the password grant accepts as `acr_values`, and a login can satisfy.
    { acr_values_supported: listOf(oneOf(...ACR_VALUES)) },
  ),
);

/** Without `none`: no grant gives a public client a token, so it has none to revoke either. */
const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'];

const MAX_AGE_SECONDS = 300;

@Public()
@DescribeAll(PUBLIC_PART)
@Controller('.well-known/oauth-authorization-server')
export class MetadataController {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly grants: GrantRegistry,
    private readonly scopes: PublishedScopes,
  ) {}

  @Get()
  @Header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
  // The metadata is public, so browsers may read it.
  @Header('access-control-allow-origin', '*')
  @Describe('What the server can do, and where (RFC 8414)', { answer: METADATA, meaning: 'The metadata' })
  readMetadata(): TypeOf<typeof METADATA> {
    const { issuer } = this.config;
    const base = issuer.replace(/\/$/, '');
    const acrValues = acrValuesOf(this.grants);
    return {
      issuer,
      token_endpoint: `${base}/oauth/token`,
      introspection_endpoint: `${base}/oauth/introspect`,
      revocation_endpoint: `${base}/oauth/revoke`,
      revocation_feed_endpoint: `${base}/oauth/revocations`,
      jwks_uri: `${base}/oauth/jwks`,
      scopes_supported: this.scopes.names,
      grant_types_supported: this.grants.grantTypes,
      access_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
      ...(acrValues.length > 0 && { acr_values_supported: acrValues }),
      token_endpoint_auth_methods_supported: SECRET_METHODS,
      introspection_endpoint_auth_methods_supported: SECRET_METHODS,
      revocation_endpoint_auth_methods_supported: SECRET_METHODS,
    };
  }
}

/** Without passkeys, no login is resistant to phishing. */
function acrValuesOf({ grantTypes }: GrantRegistry): Acr[] {
  if (!grantTypes.includes('password')) return [];
  const hasPasskeys = grantTypes.includes(FACTORS.passkey.grantType);
  return ACR_VALUES.filter((acr) => acr !== ACR_PHISHING_RESISTANT || hasPasskeys);
}
