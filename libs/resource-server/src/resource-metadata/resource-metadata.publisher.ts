import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RoutePolicies } from '../authorization/route-policies.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import type { ResourceMetadataSettings } from '../options/resource-metadata-settings.js';
import type { ResourceMetadata } from './resource-metadata.js';

/**
 * Serves the metadata at the HTTP adapter itself: the path is fixed (RFC 9728 section 3.1), whatever global prefix and
 * version the application gives its own routes, and it is registered before any of them could catch it.
 */
@Injectable()
export class ResourceMetadataPublisher {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly policies: RoutePolicies,
    { resourceMetadata }: ResourceServerSettings,
  ) {
    if (resourceMetadata === null) return;
    // In tests the adapter may come after the modules.
    adapterHost.init$.subscribe(() => this.#publish(resourceMetadata));
  }

  #publish(settings: ResourceMetadataSettings): void {
    const { httpAdapter } = this.adapterHost;
    httpAdapter.get(settings.url.pathname, (_request: unknown, response: unknown) => {
      // Browsers may read what is public.
      httpAdapter.setHeader(response, 'Access-Control-Allow-Origin', '*');
      httpAdapter.setHeader(response, 'Cache-Control', 'public, max-age=300');
      httpAdapter.reply(response, this.#document(settings), 200);
    });
  }

  #document({ scopesSupported, members }: ResourceMetadataSettings): ResourceMetadata {
    const scopes = scopesSupported ?? this.policies.knownScopes;
    // RFC 9728 section 3.2: members without elements are left out.
    return { ...members, ...(scopes.length > 0 && { scopes_supported: scopes }) };
  }
}
