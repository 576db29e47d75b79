import type { ResourceServerOptions } from '@latchkey/resource-server';
import type { ResourceServerConfig } from './resource-server-config.js';

/** The options of the guard library. The endpoints are Latchkey's at the configured URL; nothing is discovered. */
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
