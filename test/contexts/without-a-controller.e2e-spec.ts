import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { accessTokenOf, isJudged, Public, RequestAuthenticator } from '@latchkey/resource-server';
import { eventually } from '../support/eventually.js';
import { FeedServer } from '../library/support/feed-server.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import {
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';
import { raw } from '../library/support/raw-request.js';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What Express serves files with. */
const serveStatic = createRequire(import.meta.url)('serve-static') as (root: string) => Middleware;

/** As boards and pages of documentation do, it answers by itself. */
const board: Middleware = (request, response) => {
  const subject = isJudged(request) ? (accessTokenOf(request)?.subject ?? null) : 'not judged';
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ subject }));
};

@Module({})
class BoardModule implements NestModule {
  constructor(private readonly moduleRef: ModuleRef) {}

  configure(consumer: MiddlewareConsumer): void {
    const authenticator = this.moduleRef.get(RequestAuthenticator, { strict: false });
    consumer.apply(authenticator.middleware(), board).forRoutes('board');
    consumer.apply(authenticator.middleware()).forRoutes('open');
    consumer.apply(board).forRoutes('unguarded');
  }
}

@Controller()
class OpenController {
  @Get('open')
  @Public()
  open() {
    return {};
  }
}

describe.each(PLATFORMS)('What no controller answers, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  let application: ProtectedApplication;
  let folder: string;

  /** Files under `/files`, by middleware on both platforms, and under `/plugin` by a plugin of Fastify. */
  const configure = (nest: NestFastifyApplication): void => {
    const authenticator = nest.get(RequestAuthenticator);
    nest.use('/files', authenticator.middleware({ scopes: ['files'] }));
    nest.use('/files', serveStatic(folder));
    if (platform !== 'fastify') return;
    void nest
      .getHttpAdapter()
      .getInstance()
      .register((instance, _options, done) => {
        instance.addHook('onRequest', authenticator.hook({ scopes: ['files'] }));
        instance.get('/plugin/who', (request) => ({ subject: accessTokenOf(request)?.subject }));
        instance.get('/plugin/*', (_request, reply) =>
          reply.type('text/plain').send(createReadStream(join(folder, 'page.txt'))),
        );
        done();
      });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-files-'));
    await writeFile(join(folder, 'page.txt'), 'a page');
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('files', { scope: 'read files' });
    authorizationServer.token('reader', { scope: 'read' });
    feed = await FeedServer.start();
    application = await startApplication(
      [OpenController],
      { introspectionEndpoint: authorizationServer.url, revocationFeed: { endpoint: feed.url } },
      configure,
      { platform, imports: [BoardModule] },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
    await feed.stop();
    await rm(folder, { recursive: true });
  });

  const places = platform === 'fastify' ? ['/files/page.txt', '/plugin/page.txt'] : ['/files/page.txt'];

  describe.each(places)('%s', (path) => {
    it.each([
      ['no token', undefined, 401, /^Bearer realm="https:\/\/api\.example"$/],
      ['an unknown token', 'made-up', 401, /error="invalid_token"/],
      ['a token without the scope', 'reader', 403, /error="insufficient_scope".* scope="files"/],
    ])('is refused with %s', async (_, token, status, challenge) => {
      const response = await application.call(path, token);
      expect(response.status).toBe(status);
      expect(response.headers.get('www-authenticate')).toMatch(challenge);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toHaveProperty('error_description');
      expect((await application.call(path, token, { method: 'HEAD' })).status).toBe(status);
    });

    it.each([
      (text: string) => `/${text}`,
      (text: string) => text.toUpperCase(),
      (text: string) => text.replace('/f', '/%66').replace('/p', '/%70'),
      (text: string) => `/x/..${text}`,
      (text: string) => `/.${text}`,
      (text: string) => text.replace('/page', '//page'),
      (text: string) => text.replace('/page', '/%2e/page'),
      (text: string) => text.replace('/page', '%2Fpage'),
      (text: string) => `${text}/`,
      (text: string) => `${text};x`,
    ])('is not served without a token when its path is spelled in another way: %#', async (spell) => {
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        expect(await raw(application, method, spell(path))).toBeGreaterThanOrEqual(400);
    });

    it('is refused with two tokens', async () => {
      expect((await application.call(`${path}?access_token=files`, 'files')).status).toBe(400);
    });

    it('is served with the right token, until it is revoked', async () => {
      const sid = `session of ${path}`;
      authorizationServer.token(path.slice(1), {
        scope: 'files',
        sid,
        client_epoch: 1,
        user_epoch: 1,
      });
      const status = async () => (await application.call(path, path.slice(1))).status;
      expect(await (await application.call(path, path.slice(1))).text()).toBe('a page');
      expect(await status()).toBe(200);
      authorizationServer.token(path.slice(1), { active: false });
      feed.revoke({ sid });
      await eventually(async () => expect(await status()).toBe(401));
    });

    it('is answered with 503 when the token cannot be checked', async () => {
      authorizationServer.misbehave((response) => response.writeHead(500).end());
      const response = await application.call(path, 'never-seen');
      authorizationServer.misbehave(null);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    });
  });

  it('knows its token, where it was judged', async () => {
    const subject = async (path: string, token?: string) => (await application.call(path, token)).json();
    expect((await application.call('/board')).status).toBe(401);
    expect(await subject('/board', 'reader')).toEqual({ subject: 'alice' });
    expect(await subject('/unguarded', 'reader')).toEqual({ subject: 'not judged' });
    if (platform === 'fastify') expect(await subject('/plugin/who', 'files')).toEqual({ subject: 'alice' });
  });

  it('may stand before a public route, which then needs a token', async () => {
    expect((await application.call('/open')).status).toBe(401);
    expect((await application.call('/open', 'reader')).status).toBe(200);
  });

  it('leaves a line for each refusal', async () => {
    await application.call('/board', 'for-the-log');
    const line = 'Refused with 401 at a request without a controller: inactive';
    expect(application.log.some((entry) => entry.includes(line))).toBe(true);
    expect(application.log.join()).not.toContain('for-the-log');
  });

  it('cannot be set up with what is no scope', () => {
    const authenticator = Object.create(RequestAuthenticator.prototype) as RequestAuthenticator;
    expect(() => authenticator.middleware({ scopes: ['two words'] })).toThrow(/scope/);
    expect(() => authenticator.hook({ scopes: [''] })).toThrow(/scope/);
  });
});
