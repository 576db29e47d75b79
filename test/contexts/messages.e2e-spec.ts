import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientTCP,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  Transport,
  type MicroserviceOptions,
  type TcpContext,
} from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { firstValueFrom } from 'rxjs';
import {
  accessTokenOf,
  CurrentToken,
  Public,
  RequireOwner,
  RequireScopes,
  ResourceOwner,
  ResourceServerModule,
  type AccessToken,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { eventually } from '../support/eventually.js';
import { AUDIENCE, IntrospectionServer, ISSUER } from '../library/support/introspection-server.js';
import {
  recorder,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';

const received: (string | null)[] = [];

@Controller()
class OrdersController {
  @MessagePattern('who')
  who(@CurrentToken() token: AccessToken, @ResourceOwner() owner: string, @Ctx() context: TcpContext) {
    return [token.clientId, owner, accessTokenOf(context)?.subject];
  }

  @MessagePattern('write')
  @RequireScopes('write')
  write() {
    return 'written';
  }

  @MessagePattern('own')
  @RequireOwner('user')
  own(@Payload() { user }: { user: string }) {
    return user;
  }

  @MessagePattern('open')
  @Public()
  open() {
    return 'open';
  }

  @EventPattern('event')
  event(@CurrentToken() token: AccessToken) {
    received.push(token.subject);
  }
}

const TCP = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const;

describe('Messages of microservices', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication | undefined;
  let client: ClientTCP;
  let stop: () => Promise<unknown> = () => Promise.resolve();
  const ask = (pattern: string, data: unknown): Promise<unknown> =>
    firstValueFrom(client.send<unknown, unknown>(pattern, data)).catch((error: unknown) => ({ error }));
  const connectTo = (server: Server): void => {
    client = new ClientTCP({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  };

  const startHybrid = async (inheritAppConfig: boolean, options: Partial<ResourceServerOptions> = {}) => {
    let nest: NestFastifyApplication | undefined;
    application = await startApplication(
      [OrdersController],
      { introspectionEndpoint: authorizationServer.url, ...options },
      (created) => (nest = created),
    );
    const microservice = nest?.connectMicroservice<MicroserviceOptions>(TCP, { inheritAppConfig });
    await nest?.startAllMicroservices();
    connectTo(microservice!.unwrap<Server>());
  };

  beforeEach(async () => {
    received.length = 0;
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('writer', { scope: 'write' });
  });

  afterEach(async () => {
    client.close();
    await application?.close();
    application = undefined;
    await stop();
    stop = () => Promise.resolve();
    await authorizationServer.stop();
  });

  const expectAllJudged = async () => {
    const authorization = 'Bearer reader';
    expect(await ask('who', { authorization })).toEqual(['shop-backend', 'alice', 'alice']);
    for (const data of ['', 0, 'Bearer reader', {}, { token: 'reader' }]) {
      expect(await ask('who', data)).toMatchObject({ error: { statusCode: 401, error: 'invalid_token' } });
    }
    for (const wrong of ['Bearer made-up', 'reader', 'Bearer', '', 7, ['Bearer reader'], { authorization }]) {
      expect(await ask('who', { authorization: wrong })).toMatchObject({ error: { statusCode: 401 } });
    }
    expect(await ask('write', { authorization })).toMatchObject({
      error: { statusCode: 403, error: 'insufficient_scope', scope: 'write' },
    });
    expect(await ask('write', { authorization: 'Bearer writer' })).toBe('written');
    expect(await ask('own', { authorization, user: 'alice' })).toBe('alice');
    expect(await ask('own', { authorization, user: 'bob' })).toMatchObject({ error: { statusCode: 403 } });
    expect(await ask('open', {})).toBe('open');
    client.emit('event', {});
    client.emit('event', { authorization });
    await eventually(() => expect(received).toEqual(['alice']));
  };

  it('are judged in a hybrid application that inherits its configuration', async () => {
    await startHybrid(true);
    await expectAllJudged();
    expect(application?.log.join('\n')).toContain('Refused with 401 at OrdersController.who: no_token');
  });

  it('are judged in a microservice', async () => {
    @Module({
      imports: [
        ResourceServerModule.register({
          introspectionEndpoint: authorizationServer.url,
          clientId: 'api',
          clientSecret: 'the-secret',
          issuer: ISSUER,
          audience: AUDIENCE,
        }),
      ],
      controllers: [OrdersController],
    })
    class MicroserviceModule {}
    const microservice = await NestFactory.createMicroservice<MicroserviceOptions>(MicroserviceModule, {
      ...TCP,
      logger: recorder([]),
    });
    await microservice.listen();
    stop = () => microservice.close();
    connectTo(microservice.unwrap<Server>());
    await expectAllJudged();
  });

  it('refuse in a hybrid application that does not, and say why', async () => {
    await startHybrid(false);
    for (const pattern of ['who', 'write', 'own']) {
      expect(await ask(pattern, { authorization: 'Bearer writer', user: 'alice' })).toHaveProperty('error');
    }
    expect(await ask('open', {})).toBe('open');
    const log = application?.log.join('\n');
    expect(log).toContain('OrdersController.who is not public, and no guard has judged this call');
    expect(log).toContain('connect microservices with { inheritAppConfig: true }');
  });

  it('have their token where the application says', async () => {
    await startHybrid(true, {
      requestOf: (context) => {
        const { meta } = context.getArgByIndex<{ meta?: { token?: string } }>(0);
        return meta?.token === undefined ? null : { headers: { authorization: `Bearer ${meta.token}` } };
      },
    });
    expect(await ask('write', { meta: { token: 'writer' } })).toBe('written');
    expect(await ask('write', { meta: { token: 'reader' } })).toMatchObject({ error: { statusCode: 403 } });
    expect(await ask('write', { authorization: 'Bearer writer' })).toBe('written');
    expect(await ask('write', {})).toMatchObject({ error: { statusCode: 401 } });
  });
});
