import {
  Module,
  RequestMethod,
  VersioningType,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, RouterModule } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ResourceServerModule, type ResourceServerOptions } from '@latchkey/resource-server';
import * as controllers from './controllers.js';
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
        special.SpecialController,
      ],
      providers: [
        controllers.OrderOwner,
        special.Caller,
        special.OwnFilter,
        special.AnsweringInterceptor,
        special.NotMallory,
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
  await application.listen(0, '127.0.0.1');
  return application;
}
