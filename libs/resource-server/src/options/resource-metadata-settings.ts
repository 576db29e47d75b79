import type { ResourceMetadata } from './resource-metadata.js';
import { isResourceIdentifier, metadataUrl } from './resource-identifier.js';
import type { OptionChecks } from './option-checks.js';
import type { ResourceMetadataOptions } from './resource-server-options.js';

export interface ResourceMetadataSettings {
  /** The URL of the metadata for clients. */
  readonly url: URL;
  /** `null`: the scopes of decorators and rules. */
  readonly scopesSupported: readonly string[] | null;
  readonly members: ResourceMetadata;
}

export function readResourceMetadata(
  options: ResourceMetadataOptions | undefined,
  issuers: readonly string[],
  checks: OptionChecks,
): ResourceMetadataSettings | null {
  if (options === undefined) return null;
  const { resource, authorizationServers = issuers, scopesSupported, name } = options;
  const isResource = typeof resource === 'string' && isResourceIdentifier(resource);
  checks.check(
    isResource,
    'resourceMetadata.resource must be an https URL without query and fragment, with a plain path',
  );
  const links = {
    resource_documentation: options.documentation,
    resource_policy_uri: options.policy,
    resource_tos_uri: options.termsOfService,
  };
  for (const [member, link] of Object.entries(links)) {
    checks.check(link === undefined || URL.canParse(link), `resourceMetadata: ${member} must be a URL`);
  }
  if (!isResource) return null;
  return Object.freeze({
    url: metadataUrl(resource),
    scopesSupported: scopesSupported ?? null,
    members: {
      resource,
      ...(authorizationServers.length > 0 && { authorization_servers: authorizationServers }),
      bearer_methods_supported: ['header'] as const,
      ...(name !== undefined && { resource_name: name }),
      ...(Object.fromEntries(Object.entries(links).filter(([, link]) => link !== undefined)) as typeof links),
    },
  });
}
