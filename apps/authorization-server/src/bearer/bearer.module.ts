import { Module } from '@nestjs/common';
import { ResourceServerModule } from '@latchkey/resource-server';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { IntrospectionModule } from '../oauth/introspection/introspection.module.js';
import { IntrospectionService } from '../oauth/introspection/introspection.service.js';
import { InProcessIntrospector } from './in-process-introspector.js';

/**
 * Puts every route behind a bearer token of ours, except those that are marked public because clients authenticate
 * there in another way.
 */
@Module({
  imports: [
    ResourceServerModule.registerAsync({
      imports: [IntrospectionModule],
      inject: [CONFIG, IntrospectionService],
      useFactory: ({ issuer }: AuthorizationServerConfig, introspection: IntrospectionService) => ({
        issuer,
        audience: issuer,
        realm: 'latchkey',
        introspector: new InProcessIntrospector(introspection, issuer),
      }),
    }),
  ],
})
export class BearerModule {}
