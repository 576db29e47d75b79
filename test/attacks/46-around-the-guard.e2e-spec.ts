import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientTCP, MessagePattern, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { firstValueFrom } from 'rxjs';
import {
  Public,
  RequireAnyScope,
  RequireGroups,
  RequireOwner,
  RequireOwnerToken,
  RequireScopes,
} from '@latchkey/resource-server';
import type * as Library from '@latchkey/resource-server';
import type * as RouteRequirements from '../../libs/resource-server/src/authorization/route-requirements.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import {
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';

/** The package as it is published: other symbols and classes than those of the sources, as a second copy has them. */
const DIST = '../../node_modules/@latchkey/resource-server/dist';
const otherCopy = (await import(`${DIST}/index.js`)) as typeof Library;

@Controller('shared')
class SharedController {
  @Get('scopes')
  @otherCopy.RequireScopes('admin')
  scopes() {
    return { secret: true };
  }

  @Get('any-scope')
  @otherCopy.RequireAnyScope('admin', 'audit')
  anyScope() {
    return { secret: true };
  }

  @Get('groups')
  @otherCopy.RequireGroups('staff')
  groups() {
    return { secret: true };
  }

  @Get('users/:sub')
  @otherCopy.RequireOwner('sub')
  ofUser() {
    return { secret: true };
  }

  @Get('own')
  @otherCopy.RequireOwnerToken()
  own() {
    return { secret: true };
  }

  @Get('open')
  @otherCopy.Public()
  open() {
    return { secret: false };
  }
}

@Controller('whole')
@otherCopy.RequireScopes('admin')
class WholeController {
  @Get()
  read() {
    return { secret: true };
  }
}

@Controller('feature')
class FeatureController {
  @Get('scopes')
  @RequireScopes('read')
  scopes() {
    return { secret: true };
  }

  @Get('any-scope')
  @RequireAnyScope('read')
  anyScope() {
    return { secret: true };
  }

  @Get('groups')
  @RequireGroups('staff')
  groups() {
    return { secret: true };
  }

  @Get('users/:sub')
  @RequireOwner('sub')
  ofUser() {
    return { secret: true };
  }

  @Get('own')
  @RequireOwnerToken()
  own() {
    return { secret: true };
  }

  @Get('open')
  @Public()
  open() {
    return { secret: false };
  }
}

@Controller()
@RequireScopes('read')
class MessageController {
  @MessagePattern('of-the-class')
  ofTheClass() {
    return 'secret';
  }

  @MessagePattern('of-the-handler')
  @RequireOwnerToken()
  ofTheHandler() {
    return 'secret';
  }
}

describe('What stands around the guard does not take requirements away', () => {
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

  it.each(PLATFORMS)('decorators of another copy of the package hold, on %s', async (platform) => {
    expect(otherCopy.RequireScopes).not.toBe(RequireScopes);
    application = await startApplication([SharedController, WholeController], settings(), undefined, {
      platform,
    });
    for (const path of ['scopes', 'any-scope', 'groups', 'users/bob']) {
      expect({ path, status: await status(`/shared/${path}`, 'reader') }).toEqual({ path, status: 403 });
    }
    expect(await status('/whole', 'reader')).toBe(403);
    expect(await status('/shared/own', 'client')).toBe(403);
    expect(await status('/shared/own', 'reader')).toBe(200);
    expect(await status('/shared/users/alice', 'reader')).toBe(200);
    for (const path of ['/shared/scopes', '/shared/any-scope', '/shared/groups', '/whole']) {
      expect({ path, status: await status(path, 'administrator') }).toEqual({ path, status: 200 });
    }
    expect(await status('/shared/open')).toBe(200);
  });

  it('a requirement that the guard of an older copy does not know is refused', async () => {
    const { addRequirement, requirementKey } = (await import(
      `${DIST}/authorization/route-requirements.js`
    )) as typeof RouteRequirements;

    @Controller()
    class NewerController {
      @Get('newer')
      @addRequirement(requirementKey<string>('moon-phase'), ['full'])
      read() {
        return { secret: true };
      }
    }
    application = await startApplication([NewerController], settings());
    expect(await status('/newer', 'administrator')).toBe(500);
    expect(application.log.join('\n')).toContain('NewerController.read requires "moon-phase"');
  });

  describe.each(PLATFORMS)('on %s', (platform) => {
    it('a feature module in an application without ResourceServerModule is closed', async () => {
      @Module({ controllers: [FeatureController] })
      class ApplicationModule {}
      const log: string[] = [];
      const bare = await NestFactory.create<NestFastifyApplication>(
        ApplicationModule,
        platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
      );
      bare.useLogger({
        log: () => undefined,
        warn: () => undefined,
        error: (...parts) => void log.push(String(parts[0])),
      });
      await bare.listen(0, '127.0.0.1');
      try {
        const url = await bare.getUrl();
        for (const path of ['scopes', 'any-scope', 'groups', 'users/alice', 'own']) {
          const answer = await fetch(`${url}/feature/${path}`, {
            headers: { authorization: 'Bearer reader' },
          });
          expect({ path, status: answer.status }).toEqual({ path, status: 500 });
          expect(await answer.text()).not.toContain('secret');
        }
        expect(log[0]).toContain('FeatureController.scopes requires "scopes"');
        expect(log[0]).toContain('register ResourceServerModule');
        expect((await fetch(`${url}/feature/open`)).status).toBe(200);
      } finally {
        await bare.close();
      }
    });
  });

  it.each([true, false])(
    'message handlers of a hybrid application refuse without a good token (inheritAppConfig: %s)',
    async (inheritAppConfig) => {
      let nest: NestFastifyApplication | undefined;
      application = await startApplication([MessageController, FeatureController], settings(), (created) => {
        nest = created;
      });
      const options = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const;
      const microservice = nest?.connectMicroservice<MicroserviceOptions>(options, { inheritAppConfig });
      await nest?.startAllMicroservices();
      const server = microservice?.unwrap<Server>();
      const client = new ClientTCP({ host: '127.0.0.1', port: (server?.address() as AddressInfo).port });
      try {
        for (const pattern of ['of-the-class', 'of-the-handler']) {
          const ask = (data: object) => firstValueFrom(client.send(pattern, data));
          await expect(ask({})).rejects.toBeDefined();
          await expect(ask({ authorization: 'Bearer made-up' })).rejects.toBeDefined();
          // Where no guard of ours is called, no token opens anything.
          const answer = ask({ authorization: 'Bearer reader' });
          if (inheritAppConfig) expect(await answer).toBe('secret');
          else await expect(answer).rejects.toBeDefined();
        }
      } finally {
        client.close();
      }
      expect(await status('/feature/scopes', 'reader')).toBe(200);
    },
  );
});
