import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AccessTokenGuard } from './access-token.guard.js';
import { BearerErrorFilter } from './bearer-error.filter.js';
import { HttpTokenIntrospector } from './http-token-introspector.js';
import type { ResourceServerOptions } from './resource-server-options.js';
import { ResourceServerSettings } from './resource-server-settings.js';
import { ConfigurableModuleClass, RESOURCE_SERVER_OPTIONS } from './resource-server.module-definition.js';
import { TokenIntrospector } from './token-introspector.js';

/**
 * Protects every route of the application with OAuth 2.0 access tokens, except those marked `@Public()`. Import it
 * once, with `register` or `registerAsync`. Options that are not usable stop the start.
 */
@Module({
  providers: [
    {
      provide: ResourceServerSettings,
      useFactory: (options: ResourceServerOptions) => new ResourceServerSettings(options),
      inject: [RESOURCE_SERVER_OPTIONS],
    },
    {
      provide: TokenIntrospector,
      useFactory: (settings: ResourceServerSettings) =>
        settings.introspector ?? new HttpTokenIntrospector(settings),
      inject: [ResourceServerSettings],
    },
    { provide: APP_GUARD, useClass: AccessTokenGuard },
    { provide: APP_FILTER, useClass: BearerErrorFilter },
  ],
  exports: [TokenIntrospector],
})
export class ResourceServerModule extends ConfigurableModuleClass {}
