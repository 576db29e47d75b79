import type { ResourceServerOptions } from '@latchkey/resource-server';
import type { ResourceServerConfig } from './resource-server-config.js';

/** What the guard library needs to know. The endpoints are Latchkey's, where it is reached; nothing is discovered. */
export function guardOptions(config: ResourceServerConfig): ResourceServerOptions {
  const { authorizationServerUrl: server, tokens } = config;
  const { feedMaxStalenessMs: maxStalenessMs, cacheTtlMs: ttlMs } = tokens;
  return {
    introspectionEndpoint: `${server}/oauth/introspect`,
    clientId: config.clientId,
    clientSecret: config.clientSecret,
    issuer: config.issuer,
    audience: config.audience,
    realm: 'resources',
    ...(config.resource !== null && { resourceMetadata: { resource: config.resource } }),
    validation: tokens.validation,
    jwks: { uri: `${server}/oauth/jwks` },
    ...(maxStalenessMs !== null && {
      revocationFeed: { endpoint: `${server}/oauth/revocations`, maxStalenessMs },
    }),
    ...(ttlMs !== null && { cache: { ttlMs } }),
  };
}
