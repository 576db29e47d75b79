import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { accessTokenOf, isJudged, Public, RequireOwner, RequireScopes } from '@latchkey/resource-server';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller('feature')
class FeatureController {
  @Get('scopes')
  @RequireScopes('read')
  scopes() {
    return { secret: true };
  }

  @Get('open')
  @Public()
  open() {
    return { secret: false };
  }
}

/** What a caching, tracing or retrying decorator does. */
const wrapped =
  (keep: boolean): MethodDecorator =>
  (_target, _name, descriptor) => {
    const original = descriptor.value as unknown as (...parameters: unknown[]) => unknown;
    const replacement = function (this: unknown, ...parameters: unknown[]) {
      return original.apply(this, parameters);
    };
    if (keep) {
      for (const key of Reflect.getMetadataKeys(original)) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, original), replacement);
      }
    }
    descriptor.value = replacement as never;
  };

/** An application's own rule, as it is written by one who was told that public routes have no token. */
@Injectable()
class StaffOrPublicGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const token = accessTokenOf(context.switchToHttp().getRequest<object>());
    return token === null || token.groups.includes('staff');
  }
}

describe('What an application adds does not take requirements away', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication | undefined;
  const settings = () => ({ introspectionEndpoint: authorizationServer.url });
  const status = async (path: string, token?: string) => (await application?.call(path, token))?.status;

  beforeEach(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('client', { sub: 'shop-backend', client_id: 'shop-backend' });
    authorizationServer.token('administrator', { scope: 'admin', groups: ['staff'] });
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
    await authorizationServer.stop();
  });

  it('a decorator that replaces a method under a requirement stops the start', async () => {
    @Controller()
    class ReplacedController {
      @Get('replaced')
      @wrapped(false)
      @RequireScopes('admin')
      read() {
        return { secret: true };
      }
    }
    await expect(startApplication([ReplacedController], settings())).rejects.toThrow(
      'ReplacedController.read',
    );

    class BaseController {
      @wrapped(false)
      @RequireScopes('admin')
      read() {
        return { secret: true };
      }
    }
    @Controller()
    class ExtendingController extends BaseController {
      @Get('other')
      other() {
        return {};
      }
    }
    await expect(startApplication([ExtendingController], settings())).rejects.toThrow(
      'ExtendingController.read',
    );
  });

  it('one that keeps what stood on the method, or stands below the requirement, does not', async () => {
    @Controller()
    class KeptController {
      @Get('above')
      @wrapped(true)
      @RequireScopes('admin')
      above() {
        return { secret: true };
      }

      @Get('below')
      @RequireScopes('admin')
      @wrapped(false)
      below() {
        return { secret: true };
      }
    }
    application = await startApplication([KeptController], settings());
    for (const path of ['/above', '/below']) {
      expect(await status(path, 'reader')).toBe(403);
      expect(await status(path, 'administrator')).toBe(200);
    }
  });

  it.each(['orders', ':user/orders', ':subject/orders', ':owners/*', 'orders{/:user}'])(
    '@RequireOwner on the path %s, which lacks its parameter, stops the start',
    async (path) => {
      @Controller('users')
      class RenamedController {
        @Get(path)
        @RequireOwner('owner')
        read() {
          return { secret: true };
        }
      }
      await expect(startApplication([RenamedController], settings())).rejects.toThrow(
        "RenamedController.read: @RequireOwner('owner') needs the parameter :owner",
      );
    },
  );

  it('an APP_GUARD that runs before ours cannot take a request for a public one', async () => {
    const providers = [{ provide: APP_GUARD, useClass: StaffOrPublicGuard }];
    application = await startApplication([FeatureController], settings(), undefined, { providers });
    expect(await status('/feature/scopes', 'reader')).toBe(500);
    expect(await status('/feature/scopes')).toBe(500);
    expect(application.log.join('\n')).toContain(
      'import ResourceServerModule before the module that provides this guard',
    );
  });

  it('an APP_GUARD of a module behind ours sees the token, and null on public routes', async () => {
    @Module({ providers: [{ provide: APP_GUARD, useClass: StaffOrPublicGuard }] })
    class StaffModule {}
    application = await startApplication([FeatureController], settings(), undefined, {
      imports: [StaffModule],
    });
    expect(await status('/feature/scopes', 'reader')).toBe(403);
    expect(await status('/feature/open')).toBe(200);
    authorizationServer.token('member', { groups: ['staff'] });
    expect(await status('/feature/scopes', 'member')).toBe(200);
  });

  it('middleware can ask whether a request was judged', async () => {
    const seen: boolean[] = [];
    application = await startApplication([FeatureController], settings(), (created) => {
      created
        .getHttpAdapter()
        .getInstance()
        .addHook('onRequest', async (request) => void seen.push(isJudged(request)));
      created
        .getHttpAdapter()
        .getInstance()
        .addHook('onResponse', async (request) => void seen.push(isJudged(request)));
    });
    await status('/feature/scopes', 'reader');
    await status('/feature/scopes');
    await status('/nowhere');
    expect(seen).toEqual([false, true, false, true, false, false]);
  });
});
