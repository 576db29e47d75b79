import { Public } from '@latchkey/resource-server';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { GrantType } from '@latchkey/contracts';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG } from '../../config/config.token.js';
import { GrantRegistry } from '../token/grants/grant-registry.js';

/** What the server advertises (RFC 8414 section 2): exactly what is on. */
interface AuthorizationServerMetadata {
  issuer: string;
  token_endpoint: string;
  introspection_endpoint: string;
  revocation_endpoint: string;
  /** Ours: what tells a resource server of revocations at once. */
  revocation_feed_endpoint: string;
  jwks_uri: string;
  grant_types_supported: GrantType[];
  /** Empty: there is no authorization endpoint. */
  response_types_supported: string[];
  token_endpoint_auth_methods_supported: string[];
  introspection_endpoint_auth_methods_supported: string[];
  revocation_endpoint_auth_methods_supported: string[];
}

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'];

@Public()
@Controller('.well-known/oauth-authorization-server')
export class MetadataController {
  constructor(
    @Inject(CONFIG) private readonly config: AuthorizationServerConfig,
    private readonly grants: GrantRegistry,
  ) {}

  @Get()
  @Header('cache-control', 'public, max-age=300')
  metadata(): AuthorizationServerMetadata {
    const { issuer } = this.config;
    const base = issuer.replace(/\/$/, '');
    return {
      issuer,
      token_endpoint: `${base}/oauth/token`,
      introspection_endpoint: `${base}/oauth/introspect`,
      revocation_endpoint: `${base}/oauth/revoke`,
      revocation_feed_endpoint: `${base}/oauth/revocations`,
      jwks_uri: `${base}/oauth/jwks`,
      grant_types_supported: this.grants.grantTypes,
      response_types_supported: [],
      token_endpoint_auth_methods_supported: [...SECRET_METHODS, 'none'],
      introspection_endpoint_auth_methods_supported: SECRET_METHODS,
      revocation_endpoint_auth_methods_supported: [...SECRET_METHODS, 'none'],
    };
  }
}
