import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import {
  FreshnessStatus,
  RequireOwner,
  ResourceOwnerResolver,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { eventually } from '../support/eventually.js';
import { hold } from '../support/hold.js';
import { FeedServer } from '../library/support/feed-server.js';
import { untilState } from '../library/support/guarded-application.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

/** Finds the owner when it is told to. */
@Injectable()
class SlowResolver extends ResourceOwnerResolver {
  readonly #events = new EventEmitter();
  readonly asked = once(this.#events, 'asked');

  async resolveOwner(): Promise<string> {
    const found = once(this.#events, 'found');
    this.#events.emit('asked');
    const [owner] = (await found) as [string];
    return owner;
  }

  find(owner: string): void {
    this.#events.emit('found', owner);
  }
}

let handled = 0;

@Controller()
class ReportsController {
  @Get('reports/:id')
  @RequireOwner(SlowResolver)
  read() {
    handled++;
    return { secret: true };
  }

  @Get('notes')
  notes() {
    handled++;
    return { secret: true };
  }
}

describe('What is known of a token is judged again after every wait', () => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer | undefined;
  let application: ProtectedApplication | undefined;
  let nest: NestFastifyApplication;
  const resolver = () => nest.get(SlowResolver);

  const start = async (options: Partial<ResourceServerOptions> = {}) => {
    application = await startApplication(
      [ReportsController],
      { introspectionEndpoint: authorizationServer.url, timeoutMs: 30_000, ...options },
      (created) => (nest = created),
      { providers: [SlowResolver] },
    );
  };

  const startWithFeed = async () => {
    feed = await FeedServer.start();
    await start({ revocationFeed: { endpoint: feed.url, maxStalenessMs: 30_000 } });
    await untilState(nest.get(FreshnessStatus), 'live');
  };

  beforeEach(async () => {
    handled = 0;
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('token', { client_epoch: 1, user_epoch: 1 });
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
    await feed?.stop();
    feed = undefined;
    await authorizationServer.stop();
  });

  it.each([false, true])(
    'a revocation while the owner is looked for (remembered before: %s)',
    async (before) => {
      await startWithFeed();
      if (before) expect((await application?.call('/notes', 'token'))?.status).toBe(200);
      handled = 0;
      const answer = application?.call('/reports/1', 'token');
      await resolver().asked;
      authorizationServer.token('token', { active: false });
      feed?.revoke({ sid: 'session-1' });
      await eventually(() => expect(nest.get(FreshnessStatus).counters.feedEvents).toBe(1));
      resolver().find('alice');
      expect((await answer)?.status).toBe(401);
      expect(handled).toBe(0);
    },
  );

  it('the owner passes when nothing has happened, and nobody is asked twice', async () => {
    await startWithFeed();
    const answer = application?.call('/reports/1', 'token');
    await resolver().asked;
    resolver().find('alice');
    expect((await answer)?.status).toBe(200);
    expect(authorizationServer.asked.length).toBe(1);
  });

  it('without a feed an answer that has become too old is asked for again', async () => {
    const timeoutMs = 1000;
    await start({ timeoutMs });
    const answer = application?.call('/reports/1', 'token');
    await resolver().asked;
    authorizationServer.token('token', { active: false });
    await sleep(timeoutMs + 50);
    resolver().find('alice');
    expect((await answer)?.status).toBe(401);
    expect(handled).toBe(0);
  });

  it.each([
    ['the time-out', { timeoutMs: 1500 }],
    ['the staleness that the feed allows', { revocationFeed: { endpoint: '', maxStalenessMs: 1500 } }],
  ])('an answer that lay in a held event loop longer than %s is none', async (_, options) => {
    if ('revocationFeed' in options) {
      feed = await FeedServer.start();
      options.revocationFeed.endpoint = feed.url;
    }
    await start(options);
    const { origin } = new URL(authorizationServer.url);
    const holdOnce = (message: unknown): void => {
      if ((message as { request: { origin: string } }).request.origin !== origin) return;
      unsubscribe('undici:request:trailers', holdOnce);
      hold(1600);
    };
    subscribe('undici:request:trailers', holdOnce);
    expect((await application?.call('/notes', 'token'))?.status).toBe(503);
    expect(handled).toBe(0);
    expect(application?.log.join('\n')).toContain('an answer was read more than 1500 ms after its question');
    expect((await application?.call('/notes', 'token'))?.status).toBe(200);
  });

  it.each<[Partial<ResourceServerOptions>, string]>([
    [{ timeoutMs: 700 }, '700 ms'],
    [{ timeoutMs: 700, cache: { ttlMs: 1000 } }, '1700 ms'],
    [{ timeoutMs: 30_000, revocationFeed: { endpoint: 'FEED' } }, '5000 ms'],
    [{ timeoutMs: 30_000, revocationFeed: { endpoint: 'FEED', maxStalenessMs: 800 } }, '800 ms'],
  ])('the start says how late a revocation may be heard of: %j', async (options, bound) => {
    feed = await FeedServer.start();
    const { revocationFeed } = options;
    await start({
      ...options,
      ...(revocationFeed && { revocationFeed: { ...revocationFeed, endpoint: feed.url } }),
    });
    expect(application?.log.join('\n')).toContain(`No token is accepted later than ${bound} after`);
  });
});
