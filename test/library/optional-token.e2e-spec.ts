import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { accessTokenOf, OptionalToken, Public, RequireScopes } from '@latchkey/resource-server';
import { IntrospectionServer } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller()
@OptionalToken()
class ShopController {
  @Get('who')
  who(@Req() request: object) {
    return { subject: accessTokenOf(request)?.subject ?? null };
  }

  @Get('orders')
  @RequireScopes('read')
  orders() {
    return {};
  }

  @Get('open')
  @Public()
  open() {
    return {};
  }

  @Get('both')
  @Public()
  @OptionalToken()
  both() {
    return {};
  }
}

@Controller('extending')
class ExtendingController extends ShopController {}

describe.each(PLATFORMS)('@OptionalToken() on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  const status = async (path: string, token?: string) => (await application.call(path, token)).status;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('late', { exp: Math.floor(Date.now() / 1000) - 60 });
    application = await startApplication(
      [ShopController, ExtendingController],
      { introspectionEndpoint: authorizationServer.url, scopeRules: { 'GET /extending/open': 'read' } },
      undefined,
      { platform },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('lets requests pass without a token, and with a good one', async () => {
    expect(await (await application.call('/who')).json()).toEqual({ subject: null });
    expect(await (await application.call('/who', 'reader')).json()).toEqual({ subject: 'alice' });
  });

  it.each(['made-up', 'late', 'two words', ''])('refuses the token "%s" with a challenge', async (token) => {
    const response = await application.call('/who', token);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('refuses a token that is sent twice', async () => {
    expect(await status('/who?access_token=reader', 'reader')).toBe(400);
  });

  it('answers 503 when a token cannot be checked', async () => {
    authorizationServer.misbehave((response) => response.writeHead(500).end());
    expect(await status('/who', 'never-seen')).toBe(503);
    expect(await status('/who')).toBe(200);
    authorizationServer.misbehave(null);
  });

  it('gives way to requirements, and wins over @Public() beside it', async () => {
    expect(await status('/orders')).toBe(401);
    expect(await status('/orders', 'reader')).toBe(200);
    expect(await status('/open', 'made-up')).toBe(200);
    expect(await status('/both', 'made-up')).toBe(401);
    expect(await status('/both')).toBe(200);
    expect(await status('/extending/open')).toBe(401);
  });

  it('is not inherited by another controller', async () => {
    expect(await status('/extending/who')).toBe(401);
  });
});

it('@OptionalToken() lets nothing pass where no guard of ours is registered', async () => {
  @Module({ controllers: [ShopController] })
  class ApplicationModule {}
  const bare = await NestFactory.create<NestFastifyApplication>(ApplicationModule, new FastifyAdapter(), {
    logger: false,
  });
  await bare.listen(0, '127.0.0.1');
  expect((await fetch(`${await bare.getUrl()}/who`)).status).toBe(500);
  await bare.close();
});
