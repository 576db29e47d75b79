import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { RequireScopes, ResourceServerModule } from '@latchkey/resource-server';
import { AUDIENCE, IntrospectionServer, ISSUER } from './support/introspection-server.js';

@Controller('reports')
class ReportsController {
  @Get()
  @RequireScopes('read')
  list() {
    return { reports: [] };
  }
}

@Controller('moved/other')
class OtherController {
  @Get()
  read() {
    return {};
  }
}

@Module({})
class ApplicationModule {
  static with(introspectionEndpoint: string): DynamicModule {
    return {
      module: ApplicationModule,
      imports: [
        ResourceServerModule.register({
          introspectionEndpoint,
          clientId: 'api',
          clientSecret: 'the-secret',
          issuer: ISSUER,
          audience: AUDIENCE,
          scopeRules: { 'GET /moved/*': 'moved' },
        }),
      ],
      controllers: [ReportsController, OtherController],
    };
  }
}

/** Registers routes where no decorator says that they are. */
class MovingAdapter extends ExpressAdapter {
  override normalizePath(path: string): string {
    return super.normalizePath(path.startsWith('/moved') ? path : `/moved${path}`);
  }
}

const QUIET = { logger: false, abortOnError: false } as const;

describe('Templates of routes', () => {
  let authorizationServer: IntrospectionServer;
  let application: INestApplicationContext;

  beforeEach(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader', { scope: 'read' });
    authorizationServer.token('mover', { scope: 'read moved' });
  });

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('have their rules also where the router has another one than the decorators say', async () => {
    const nest = await NestFactory.create(
      ApplicationModule.with(authorizationServer.url),
      new MovingAdapter(),
      QUIET,
    );
    application = nest;
    await nest.listen(0, '127.0.0.1');
    const url = `${await nest.getUrl()}/moved/reports`;
    const status = async (token: string) =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await status('reader')).toBe(403);
    expect(await status('mover')).toBe(200);
  });

  it('do not matter to a worker or a command, which has no routes', async () => {
    application = await NestFactory.createApplicationContext(
      ApplicationModule.with(authorizationServer.url),
      QUIET,
    );
    expect(application.get(OtherController)).toBeInstanceOf(OtherController);
  });
});
