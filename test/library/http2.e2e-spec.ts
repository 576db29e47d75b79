import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { interval, map } from 'rxjs';
import { CurrentToken, ResourceServerModule, type AccessToken } from '@latchkey/resource-server';
import { FakeAuthorizationServer } from '@latchkey/resource-server/testing';

@Controller()
class NotesController {
  @Get()
  who(@CurrentToken() token: AccessToken) {
    return { subject: token.subject };
  }

  @Sse('events')
  events() {
    return interval(10).pipe(map((data) => ({ data })));
  }
}

describe('The guard on HTTP/2', () => {
  let server: FakeAuthorizationServer;
  let application: NestFastifyApplication;
  let client: ClientHttp2Session;

  const open = (path: string, token?: string) =>
    client.request({ ':path': path, ...(token !== undefined && { authorization: `Bearer ${token}` }) });
  const call = async (path: string, token?: string) => {
    const stream = open(path, token);
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    return { headers, body: Buffer.concat((await stream.toArray()) as Buffer[]).toString() };
  };

  beforeAll(async () => {
    server = await FakeAuthorizationServer.start();
    @Module({ imports: [ResourceServerModule.register(server.options)], controllers: [NotesController] })
    class ApplicationModule {}
    const adapter = new FastifyAdapter({ http2: true } as object);
    application = await NestFactory.create(ApplicationModule, adapter, { logger: false });
    await application.listen(0, '127.0.0.1');
    client = connect(await application.getUrl());
  });

  afterAll(async () => {
    client.destroy();
    await application.close();
    await server.stop();
  });

  it('admits a good token, and refuses others with a challenge', async () => {
    expect((await call('/', server.token({ subject: 'alice' }))).body).toBe('{"subject":"alice"}');
    const { headers } = await call('/');
    expect([headers[':status'], headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="https://api.example/"',
    ]);
  });

  it('cuts an event stream with its token, without a regular end', async () => {
    const token = server.token();
    const stream = open('/events', token);
    await once(stream, 'data');
    server.revoke(token);
    stream.on('error', () => undefined).resume();
    await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });
});
