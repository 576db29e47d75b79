import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RoutePolicies } from '../authorization/route-policies.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import type { ResourceMetadataSettings } from '../options/resource-metadata-settings.js';
import type { ResourceMetadata } from '../options/resource-metadata.js';

/**
 * Serves the metadata directly at the HTTP adapter: the path is fixed (RFC 9728 section 3.1), independent of global
 * prefix and version, and it is registered before any route of the application could match it.
 */
@Injectable()
export class ResourceMetadataPublisher implements OnModuleInit {
  #isPublished = false;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly policies: RoutePolicies,
    private readonly settings: ResourceServerSettings,
  ) {
    this.#publish();
    // In tests the adapter may be set after the modules were created. Nest 10 has no event for it.
    (adapterHost as Partial<HttpAdapterHost>).init$?.subscribe(() => this.#publish());
  }

  onModuleInit(): void {
    this.#publish();
  }

  #publish(): void {
    const { resourceMetadata: settings } = this.settings;
    const { httpAdapter } = this.adapterHost as Partial<HttpAdapterHost>;
    if (settings === null || httpAdapter === undefined || this.#isPublished) return;
    this.#isPublished = true;
    httpAdapter.get(settings.url.pathname, (_request: unknown, response: unknown) => {
      // The metadata is public, so browsers may read it.
      httpAdapter.setHeader(response, 'Access-Control-Allow-Origin', '*');
      httpAdapter.setHeader(response, 'Cache-Control', 'public, max-age=300');
      httpAdapter.reply(response, this.#document(settings), 200);
    });
  }

  #document({ scopesSupported, members }: ResourceMetadataSettings): ResourceMetadata {
    const scopes = scopesSupported ?? this.policies.knownScopes;
    // RFC 9728 section 3.2: empty lists are left out.
    return { ...members, ...(scopes.length > 0 && { scopes_supported: scopes }) };
  }
}
