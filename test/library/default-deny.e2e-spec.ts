import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Catch, Controller, Get, HttpException, Module } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  BearerError,
  CurrentToken,
  Public,
  RequireScopes,
  ResourceServerModule,
  type AccessToken,
} from '@latchkey/resource-server';
import { expectRefusal } from './support/expectations.js';
import { IntrospectionServer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller('plain')
class PlainController {
  @Get()
  undecorated() {
    return { ok: true };
  }

  @Get('open')
  @Public()
  open() {
    return { ok: true };
  }

  @Get('confused')
  @Public()
  confused(@CurrentToken() token: AccessToken) {
    return token;
  }

  @Get('own-refusal')
  ownRefusal() {
    throw BearerError.accessDenied('Not today');
  }
}

@Public()
@Controller('open')
class OpenController {
  @Get()
  undecorated() {
    return { ok: true };
  }

  @Get('scoped')
  @RequireScopes('read')
  scoped() {
    return { ok: true };
  }
}

/** A filter as many applications have one: it knows statuses and bodies, and no headers. */
@Catch()
class CatchAllFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<{ code(status: number): { send(body: unknown): void } }>();
    if (error instanceof HttpException) reply.code(error.getStatus()).send(error.getResponse());
    else reply.code(500).send({});
  }
}

const missing = { status: 401, error: 'invalid_token', challenge: 'Bearer realm="https://api.example"' };

describe('Default deny', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  let withOwnFilter: ProtectedApplication;

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('good');
    const options = { introspectionEndpoint: authorizationServer.url };
    application = await startApplication([PlainController, OpenController], options);
    withOwnFilter = await startApplication([PlainController], options, (nest: NestFastifyApplication) =>
      nest.useGlobalFilters(new CatchAllFilter()),
    );
  });

  afterAll(async () => {
    await application.close();
    await withOwnFilter.close();
    await authorizationServer.stop();
  });

  it.each(['/plain', '/open/scoped', '/plain/own-refusal', '/plain?x=1'])(
    'protects %s, which is not marked public',
    async (path) => {
      await expectRefusal(await application.call(path), missing);
    },
  );

  it.each(['/plain/open', '/open'])('opens %s, which is', async (path) => {
    expect((await application.call(path)).status).toBe(200);
  });

  it('asks nobody about a token that a public route does not need', async () => {
    const before = authorizationServer.asked.length;
    expect((await application.call('/open', 'whatever')).status).toBe(200);
    expect(authorizationServer.asked).toHaveLength(before);
  });

  it('does not invent a token on a public route', async () => {
    expect((await application.call('/plain/confused', 'good')).status).toBe(500);
    // Nest has one logger in a process, that of the application which was created last.
    expect(withOwnFilter.log.join('\n')).toContain('@CurrentToken() is used where no token is needed');
  });

  it('answers refusals that a handler throws', async () => {
    const response = await application.call('/plain/own-refusal', 'good');
    await expectRefusal(response, { status: 403, error: 'access_denied', challenge: null });
  });

  it("keeps challenge and body through an application's own catch-all filter", async () => {
    await expectRefusal(await withOwnFilter.call('/plain'), missing);
  });

  it('does not start with options that would leave a check without effect', async () => {
    @Module({
      imports: [
        ResourceServerModule.register({
          introspectionEndpoint: 'not a URL',
          clientId: 'api',
          clientSecret: 'the-secret',
          issuer: '',
          audience: 'https://api.example',
        }),
      ],
    })
    class Misconfigured {}
    const start = NestFactory.create(Misconfigured, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    await expect(start).rejects.toThrow(/issuer.*introspectionEndpoint/);
  });
});
