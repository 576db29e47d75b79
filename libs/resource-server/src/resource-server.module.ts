import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessTokenGuard } from './bearer/access-token.guard.js';
import { OwnerResolvers } from './authorization/owner-resolvers.js';
import { RoutePolicies } from './authorization/route-policies.js';
import { BearerErrorFilter } from './bearer/bearer-error.filter.js';
import { FreshnessStatus } from './freshness/freshness-status.js';
import { TokenLookup } from './freshness/token-lookup.js';
import { TokenChecks } from './freshness/token-checks.js';
import type { ResourceServerOptions } from './options/resource-server-options.js';
import { ResourceServerSettings } from './options/resource-server-settings.js';
import { ConfigurableModuleClass, RESOURCE_SERVER_OPTIONS } from './resource-server.module-definition.js';
import { Refusals } from './refusals/refusals.js';
import { ResourceMetadataPublisher } from './resource-metadata/resource-metadata.publisher.js';
import { TokenIntrospector } from './introspection/token-introspector.js';

/**
 * Protects every route of the application with OAuth 2.0 access tokens, except those marked `@Public()`. Import it
 * once, with `register` or `registerAsync`. Options that are not usable stop the start.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: ResourceServerSettings,
      useFactory: (options: ResourceServerOptions) => new ResourceServerSettings(options),
      inject: [RESOURCE_SERVER_OPTIONS],
    },
    TokenChecks,
    {
      provide: TokenIntrospector,
      useFactory: ({ introspector }: TokenChecks) => introspector,
      inject: [TokenChecks],
    },
    {
      provide: TokenLookup,
      useFactory: (checks: TokenChecks, introspector: TokenIntrospector) => checks.lookupFor(introspector),
      inject: [TokenChecks, TokenIntrospector],
    },
    { provide: FreshnessStatus, useFactory: ({ status }: TokenChecks) => status, inject: [TokenChecks] },
    Refusals,
    OwnerResolvers,
    RoutePolicies,
    ResourceMetadataPublisher,
    { provide: APP_GUARD, useClass: AccessTokenGuard },
    { provide: APP_FILTER, useClass: BearerErrorFilter },
  ],
  exports: [TokenIntrospector, FreshnessStatus, Refusals],
})
export class ResourceServerModule extends ConfigurableModuleClass {}
