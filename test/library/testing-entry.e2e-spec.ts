import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Module, Sse } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  CurrentToken,
  Public,
  RequireGroups,
  RequireOwner,
  RequireScopes,
  ResourceServerModule,
  TokenIntrospector,
  type AccessToken,
} from '@latchkey/resource-server';
import { FakeAuthorizationServer, TestIntrospector, withToken } from '@latchkey/resource-server/testing';
import { interval } from 'rxjs';
import request from 'supertest';
import { eventually } from '../support/eventually.js';
import { recorder } from './support/protected-application.js';

@Controller()
class OrdersController {
  @Get('orders')
  @RequireScopes('orders:read')
  list(@CurrentToken() { subject, clientId, claims }: AccessToken) {
    return { subject, clientId, tenant: claims.tenant ?? null };
  }

  @Get('token')
  token(@CurrentToken() token: AccessToken) {
    return token;
  }

  @Get('users/:sub')
  @RequireOwner('sub')
  own() {
    return {};
  }

  @Get('staff')
  @RequireGroups('staff')
  staff() {
    return {};
  }

  @Get('health')
  @Public()
  health() {
    return {};
  }

  @Sse('events')
  events() {
    return interval(50);
  }
}

const OPTIONS = {
  introspectionEndpoint: 'https://as.invalid/oauth/introspect',
  issuer: 'https://as.invalid',
  clientId: 'api',
  clientSecret: 'secret',
  audience: 'https://api.example/',
};

describe('The testing entry', () => {
  let application: NestFastifyApplication;
  let server: FakeAuthorizationServer | undefined;
  const log: string[] = [];

  const start = async (options: object, isReplaced: boolean) => {
    @Module({ imports: [ResourceServerModule.register(options as never)], controllers: [OrdersController] })
    class ApplicationModule {}
    const builder = Test.createTestingModule({ imports: [ApplicationModule] }).setLogger(recorder(log));
    if (isReplaced) builder.overrideProvider(TokenIntrospector).useClass(TestIntrospector);
    const module = await builder.compile();
    application = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await application.listen(0, '127.0.0.1');
    return request(application.getHttpServer());
  };

  afterEach(async () => {
    await application.close();
    await server?.stop();
    server = undefined;
    log.length = 0;
  });

  it('makes tokens for supertest, which the guard of the application judges', async () => {
    const api = await start(OPTIONS, true);
    await api.get('/orders').expect(401);
    await api.get('/orders').set(withToken()).expect(403);
    await api
      .get('/orders')
      .set(withToken({ subject: 'alice', scopes: ['orders:read'], claims: { tenant: 'acme' } }))
      .expect(200, { subject: 'alice', clientId: 'test-client', tenant: 'acme' });
    await api
      .get('/users/alice')
      .set(withToken({ subject: 'alice' }))
      .expect(200);
    await api
      .get('/users/alice')
      .set(withToken({ subject: 'bob' }))
      .expect(403);
    await api
      .get('/users/shop')
      .set(withToken({ subject: 'shop', clientId: 'shop' }))
      .expect(403);
    await api
      .get('/staff')
      .set(withToken({ groups: ['staff'] }))
      .expect(200);
    await api
      .get('/orders')
      .set(withToken({ scopes: ['orders:read'], expiresAt: Date.now() - 1 }))
      .expect(401);
    await api.get('/orders').set('authorization', 'Bearer something').expect(401);
    await api.get('/health').expect(200);
  });

  it('makes tokens for inject', async () => {
    await start(OPTIONS, true);
    const headers = { ...withToken({ scopes: ['orders:read'] }) };
    const { statusCode } = await application.inject({ url: '/orders', headers });
    expect(statusCode).toBe(200);
  });

  it('leaves the servers of the options alone', async () => {
    await start({ ...OPTIONS, revocationFeed: { endpoint: 'http://127.0.0.1:1/feed' } }, true);
    expect(log.filter((line) => /feed|No token is accepted/.test(line))).toEqual([]);
  });

  it('is not for production', async () => {
    await start(OPTIONS, true);
    const environment = jest.replaceProperty(process, 'env', { ...process.env, NODE_ENV: 'production' });
    expect(() => new TestIntrospector()).toThrow('not for production');
    environment.restore();
  });

  it('has a server that answers with all members of a token', async () => {
    server = await FakeAuthorizationServer.start();
    const api = await start(server.options, false);
    const now = Math.floor(Date.now() / 1000) * 1000;
    const token = {
      subject: 'alice',
      clientId: 'shop',
      scopes: ['orders:read'],
      expiresAt: now + 60_000,
      issuedAt: now - 1000,
      audience: [server.options.audience],
      tokenId: 'token-1',
      sessionId: 'session-1',
      username: 'Alice',
      groups: ['staff'],
      acr: 'urn:strong',
      amr: ['pwd', 'otp'],
      authenticatedAt: now - 2000,
      clientEpoch: 2,
      ownerEpoch: 3,
    };
    const response = await api.get('/token').set(server.withToken(token)).expect(200);
    expect(response.body).toEqual({ ...token, issuer: server.url, roles: [], isOwnerToken: true });
  });

  it('has a server whose tokens end when a test says so, also those that are in use', async () => {
    server = await FakeAuthorizationServer.start();
    const api = await start(server.options, false);
    const alice = server.withToken({
      subject: 'alice',
      scopes: ['orders:read'],
      claims: { tenant: 'acme' },
      authenticatedAt: Date.now(),
    });
    const bob = server.withToken({ subject: 'bob', scopes: ['orders:read'] });
    await api.get('/orders').set(alice).expect(200, {
      subject: 'alice',
      clientId: 'test-client',
      tenant: 'acme',
    });
    await api.get('/orders').set(bob).expect(200);
    const stream = await fetch(`${await application.getUrl()}/events`, { headers: { ...alice } });
    const text = stream.text();
    text.catch(() => undefined);
    server.revoke(alice);
    await eventually(async () => void (await api.get('/orders').set(alice).expect(401)));
    await expect(text).rejects.toThrow();
    await api.get('/orders').set(bob).expect(200);
    expect(() => server?.revoke('of nobody')).toThrow('not one of this server');
  });
});
