import { Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { AccessTokenGuard } from './bearer/access-token.guard.js';
import { EntryPoints } from './authorization/entry-points.js';
import { SocketAuthenticator } from './sockets/socket-authenticator.js';
import { OwnerResolvers } from './authorization/owner-resolvers.js';
import { ProvidedClasses } from './authorization/provided-classes.js';
import { TokenPolicies } from './authorization/token-policies.js';
import { RoutePolicies } from './authorization/route-policies.js';
import { sharedSymbol } from './request/shared-symbol.js';
import { BearerErrorFilter } from './bearer/bearer-error.filter.js';
import { RequestAuthenticator } from './bearer/request-authenticator.js';
import { FreshnessStatus } from './feed/freshness-status.js';
import { GuardHealth } from './bearer/guard-health.js';
import { TokenLookup } from './introspection/token-lookup.js';
import { TokenChecks } from './bearer/token-checks.js';
import { TokenWatch } from './bearer/token-watch.js';
import type { ResourceServerOptions } from './options/resource-server-options.js';
import { ResourceServerSettings } from './options/resource-server-settings.js';
import {
  ConfigurableModuleClass,
  RESOURCE_SERVER_OPTIONS,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './resource-server.module-definition.js';
import { Refusals } from './refusals/refusals.js';
import { ResourceMetadataPublisher } from './resource-metadata/resource-metadata.publisher.js';
import { TokenIntrospector } from './options/token-introspector.js';

/** Marks the module of any copy of this package. */
const MODULE = sharedSymbol('module');

/**
 * Protects every route of the application with OAuth 2.0 access tokens, except those marked `@Public()`. Import it
 * once, with `register` or `registerAsync`; other modules inject its exports without importing it. Invalid options stop
 * the start.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: ResourceServerSettings,
      useFactory: (options?: ResourceServerOptions) => new ResourceServerSettings(options),
      // If a module imports the class itself, our message replaces Nest's error about a missing provider.
      inject: [{ token: RESOURCE_SERVER_OPTIONS, optional: true }],
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
    GuardHealth,
    TokenWatch,
    RequestAuthenticator,
    ProvidedClasses,
    OwnerResolvers,
    TokenPolicies,
    RoutePolicies,
    EntryPoints,
    AccessTokenGuard,
    SocketAuthenticator,
    ResourceMetadataPublisher,
    { provide: APP_GUARD, useExisting: AccessTokenGuard },
    { provide: APP_FILTER, useClass: BearerErrorFilter },
  ],
  exports: [
    GuardHealth,
    TokenIntrospector,
    FreshnessStatus,
    Refusals,
    RequestAuthenticator,
    SocketAuthenticator,
  ],
})
export class ResourceServerModule extends ConfigurableModuleClass implements OnModuleInit {
  static readonly [MODULE] = true;

  constructor(private readonly modules: ModulesContainer) {
    super();
  }

  /** @throws TypeError without options */
  static override register(options: typeof OPTIONS_TYPE): DynamicModule {
    if (!isObject(options)) {
      throw new TypeError(
        'ResourceServerModule.register() needs its options: an object with issuer, audience and more',
      );
    }
    return super.register(options);
  }

  /** @throws TypeError without a way to create the options */
  static override registerAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    if (!isObject(options) || !(options.useFactory ?? options.useClass ?? options.useExisting)) {
      throw new TypeError('ResourceServerModule.registerAsync() needs useFactory, useClass or useExisting');
    }
    return super.registerAsync(options);
  }

  /** @throws Error when it is registered twice, because each token would have to satisfy both guards */
  onModuleInit(): void {
    const registered = [...this.modules.values()].filter(
      ({ metatype }) => metatype !== undefined && MODULE in metatype,
    );
    if (registered.length === 1) return;
    throw new Error(
      `ResourceServerModule is registered ${registered.length} times. Register it once, in the root module: its guard is for the whole application, and other modules need not import it`,
    );
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
