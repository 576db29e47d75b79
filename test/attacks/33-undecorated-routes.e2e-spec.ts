import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { Public, RequireScopes } from '@latchkey/resource-server';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

@Controller('forgotten')
class ForgottenController {
  @Get()
  read() {
    return { secret: true };
  }

  @Post()
  write() {
    return { secret: true };
  }
}

@Public()
@Controller('open')
class OpenController {
  @Get()
  read() {
    return { secret: false };
  }

  @Get('closed')
  @RequireScopes('read')
  closed() {
    return { secret: true };
  }
}

describe('A route that nobody decorated is protected (nest-keycloak-connect is permissive by default)', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('only what is called public is public', async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([ForgottenController, OpenController], {
      introspectionEndpoint: authorizationServer.url,
    });
    const status = async (path: string, method = 'GET', token?: string) =>
      (await application.call(path, token, { method })).status;
    expect(await status('/forgotten')).toBe(401);
    expect(await status('/forgotten', 'HEAD')).toBe(401);
    expect(await status('/forgotten', 'POST')).toBe(401);
    expect(await status('/open/closed')).toBe(401);
    expect(await status('/open')).toBe(200);
    expect(await status('/forgotten', 'GET', authorizationServer.token('token'))).toBe(200);
  });
});
