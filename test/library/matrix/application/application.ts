import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import {
  Module,
  RequestMethod,
  VersioningType,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { APP_GUARD, NestFactory, RouterModule } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  RequestAuthenticator,
  ResourceServerModule,
  SocketAuthenticator,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import * as controllers from './controllers.js';
import { ChatGateway, MessagesController } from './calls.js';
import * as special from './special-controllers.js';

@Module({ controllers: [controllers.MountedController] })
class MountedModule {}

@Module({ providers: [{ provide: APP_GUARD, useClass: special.OwnGuard }] })
class OwnGuardModule {}

@Module({})
class ApplicationModule {
  static with(options: ResourceServerOptions): DynamicModule {
    return {
      module: ApplicationModule,
      imports: [
        ResourceServerModule.registerAsync({ useFactory: () => Promise.resolve(options) }),
        OwnGuardModule,
        MountedModule,
        RouterModule.register([{ path: 'area', module: MountedModule }]),
      ],
      controllers: [
        controllers.PlainController,
        controllers.PublicController,
        controllers.ScopedController,
        controllers.ChildController,
        controllers.OwnersController,
        controllers.ThingsController,
        controllers.RuledController,
        controllers.HealthController,
        special.RequestController,
        special.CallerController,
        special.HostController,
        special.InterceptedController,
        special.FilteredController,
        special.LazyController,
        special.GuardedController,
        special.EventsController,
        MessagesController,
        special.SpecialController,
      ],
      providers: [
        controllers.OrderOwner,
        special.Caller,
        special.OwnFilter,
        special.AnsweringInterceptor,
        special.NotMallory,
        ChatGateway,
      ],
    };
  }
}

/** Of controllers without decorators of ours. */
const SCOPE_RULES = {
  'GET /api/ruled/*': 'rule',
  'DELETE /api/ruled/all': 'rule:delete',
  'GET /api/caller/ruled': 'rule',
  'POST /status': 'rule',
};

/** An application with everything that a guard meets, on a port of its own. */
export async function startMatrixApplication(
  platform: 'fastify' | 'express',
  options: ResourceServerOptions,
): Promise<INestApplication> {
  const application = await NestFactory.create(
    ApplicationModule.with({ ...options, scopeRules: SCOPE_RULES }),
    platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger: false, abortOnError: false },
  );
  application.setGlobalPrefix('api', {
    exclude: ['health', { path: 'status', method: RequestMethod.POST }],
  });
  application.enableVersioning({ type: VersioningType.URI });
  protectBoard(application, platform);
  const adapter = platform === 'fastify' ? new WsAdapter(application) : new IoAdapter(application);
  application.useWebSocketAdapter(application.get(SocketAuthenticator).guard(adapter));
  await application.listen(0, '127.0.0.1');
  return application;
}

/** Answers by itself, as boards and pages of documentation do; on Fastify behind a hook, too. */
function protectBoard(application: INestApplication, platform: 'fastify' | 'express'): void {
  const authenticator = application.get(RequestAuthenticator);
  application.use('/board', authenticator.middleware({ scopes: ['write'] }));
  application.use('/board', (_: unknown, response: { end(text: string): void }) =>
    response.end('{"by":"board"}'),
  );
  if (platform === 'express') {
    application.use('/plugin', authenticator.middleware({ scopes: ['write'] }));
    application.use('/plugin', (_: unknown, response: { end(text: string): void }) =>
      response.end('{"by":"plugin"}'),
    );
    return;
  }
  const fastify = (application as NestFastifyApplication).getHttpAdapter().getInstance();
  void fastify.register((instance, _, done) => {
    instance.addHook('onRequest', authenticator.hook({ scopes: ['write'] }));
    instance.get('/plugin', () => ({ by: 'plugin' }));
    done();
  });
}

/** Messages of both kinds of hybrid applications, on ports of their own. */
export async function startMessages(application: INestApplication): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const inheritAppConfig of [true, false]) {
    const port = await freePort();
    application.connectMicroservice<MicroserviceOptions>(
      { transport: Transport.TCP, options: { host: '127.0.0.1', port } },
      { inheritAppConfig },
    );
    ports[inheritAppConfig ? 'inheriting' : 'alone'] = port;
  }
  await application.startAllMicroservices();
  return ports;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
