import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import { RequestAuthenticator } from '@latchkey/resource-server';
import { interval, map, type Observable } from 'rxjs';
import { FeedServer } from '../library/support/feed-server.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { OpenStream } from '../library/support/open-stream.js';
import {
  followsFeed,
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';

/** Milliseconds. */
const MAX_STALENESS = 3000;
const BETWEEN_EVENTS = 20;

@Controller()
class EventsController {
  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(BETWEEN_EVENTS).pipe(map((count) => ({ data: String(count) })));
  }
}

/** A board of queues, pages of documentation, static files: none of them asks for tokens. */
function answer(_: IncomingMessage, response: ServerResponse): void {
  response.end('secret');
}

describe.each(PLATFORMS)('What no controller answers, and what does not end, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  let application: ProtectedApplication;
  const token = (sid: string) => authorizationServer.token(sid, { sid, client_epoch: 1, user_epoch: 1 });
  const paths = platform === 'fastify' ? ['/board', '/plugin'] : ['/board'];

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('administrator', { scope: 'admin' });
    feed = await FeedServer.start();
    application = await startApplication(
      [EventsController],
      followsFeed(authorizationServer, feed, MAX_STALENESS),
      (nest) => {
        const authenticator = nest.get(RequestAuthenticator);
        nest.use('/board', authenticator.middleware({ scopes: ['admin'] }));
        nest.use('/board', answer);
        if (platform !== 'fastify') return;
        void nest
          .getHttpAdapter()
          .getInstance()
          .register((instance, _, done) => {
            instance.addHook('onRequest', authenticator.hook({ scopes: ['admin'] }));
            instance.get('/plugin', () => 'secret');
            done();
          });
      },
      { platform },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
    await feed.stop();
  });

  it.each(paths)('%s is answered for nobody without a token that has the scope', async (path) => {
    for (const [sent, status] of [
      [undefined, 401],
      ['made-up', 401],
      ['reader', 403],
      ['administrator', 200],
    ] as const) {
      const response = await application.call(path, sent);
      expect([sent, response.status]).toEqual([sent, status]);
      expect((await response.text()).includes('secret')).toBe(status === 200);
    }
  });

  it('a stream is cut when its token is revoked', async () => {
    const stream = new OpenStream(await application.call('/events', token('revoked')));
    await stream.read(2);
    authorizationServer.token('revoked', { active: false });
    feed.revoke({ sid: 'revoked' });
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(MAX_STALENESS);
  });

  it('a stream is cut when nothing vouches for its token any more', async () => {
    const stream = new OpenStream(await application.call('/events', token('forgotten')));
    await stream.read(2);
    feed.silence();
    authorizationServer.misbehave(() => undefined);
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(2 * MAX_STALENESS);
    authorizationServer.misbehave(null);
    feed.beat();
  });
});
