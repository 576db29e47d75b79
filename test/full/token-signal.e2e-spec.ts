import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Sse, type MessageEvent } from '@nestjs/common';
import { finalize, interval, map, type Observable } from 'rxjs';
import {
  CurrentToken,
  Public,
  TokenSignal,
  type AccessToken,
  type BearerError,
} from '@latchkey/resource-server';
import { eventually } from '../support/eventually.js';
import { undisturbed } from '../support/undisturbed.js';
import { FeedServer } from '../library/support/feed-server.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { OpenStream } from '../library/support/open-stream.js';
import {
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';

/** Milliseconds. */
const MAX_STALENESS = 1000;
const BETWEEN_EVENTS = 20;
/** After half of the staleness without a heartbeat the guard asks about the token. */
const PAUSE = MAX_STALENESS / 4;

const ended: string[] = [];
const waiting = { begins: new AbortController() };

@Controller()
class StreamController {
  @Sse('events')
  events(@CurrentToken() token: AccessToken): Observable<MessageEvent> {
    return interval(BETWEEN_EVENTS).pipe(
      map((count) => ({ data: String(count) })),
      finalize(() => ended.push(token.subject ?? '')),
    );
  }

  /** Answers when its token ends. */
  @Get('until-the-end')
  async wait(@TokenSignal() signal: AbortSignal) {
    waiting.begins.abort();
    await once(signal, 'abort');
    return { status: (signal.reason as BearerError).getStatus() };
  }

  @Sse('open')
  @Public()
  open(): Observable<MessageEvent> {
    return interval(BETWEEN_EVENTS).pipe(map((count) => ({ data: String(count) })));
  }

  @Get('confused')
  @Public()
  confused(@TokenSignal() signal: AbortSignal) {
    return { signal: signal.aborted };
  }
}

describe.each(PLATFORMS)('What goes on while its token is good, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  let application: ProtectedApplication;

  const start = async (hasFeed = true) => {
    application = await startApplication(
      [StreamController],
      {
        introspectionEndpoint: authorizationServer.url,
        clockTolerance: 0,
        timeoutMs: MAX_STALENESS,
        ...(hasFeed && { revocationFeed: { endpoint: feed.url, maxStalenessMs: MAX_STALENESS } }),
      },
      undefined,
      { platform },
    );
  };
  const bound = (): number => {
    const [, milliseconds] = /later than (\d+) ms/.exec(application.log.join('\n')) ?? [];
    return Number(milliseconds);
  };
  const token = (claims: Record<string, unknown> = {}) =>
    authorizationServer.token('a-token', { sid: 'session-1', client_epoch: 1, user_epoch: 1, ...claims });
  /** A machine that stands still for as long as the bound has a stream cut before it began: then there is another one. */
  const open = async () => {
    for (;;) {
      const stream = new OpenStream(await application.call('/events', 'a-token'));
      expect(stream.response.status).toBe(200);
      const began = await stream.read(2).then(
        () => true,
        () => false,
      );
      if (began) return stream;
      ended.length = 0;
    }
  };
  const revoke = () => {
    authorizationServer.token('a-token', { active: false });
    feed.revoke({ sid: 'session-1' });
  };

  beforeEach(async () => {
    ended.length = 0;
    waiting.begins = new AbortController();
    authorizationServer = await IntrospectionServer.start();
    feed = await FeedServer.start();
    token();
  });

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
    await feed.stop();
  });

  it('ends when the feed says that the token is revoked, within the bound that is logged', async () => {
    await start();
    const stream = await open();
    revoke();
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(bound());
    await eventually(() => expect(ended).toEqual(['alice']));
  });

  it('ends within the bound when the token is revoked while nothing gets through', async () => {
    await start();
    const stream = await open();
    feed.silence();
    authorizationServer.misbehave(() => undefined);
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(bound());
    await eventually(() => expect(ended).toEqual(['alice']));
  });

  it('ends within the bound when the token is revoked while the feed is lost', async () => {
    await start();
    const stream = await open();
    feed.refuse((response) => response.writeHead(503).end());
    feed.cut();
    authorizationServer.token('a-token', { active: false });
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(bound());
  });

  it('ends within the bound without a feed', async () => {
    await start(false);
    const stream = await open();
    authorizationServer.token('a-token', { active: false });
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(bound());
    await eventually(() => expect(ended).toEqual(['alice']));
  });

  it('ends with the token', async () => {
    await start();
    token({ exp: Math.ceil(Date.now() / 1000) + 1 });
    const stream = await open();
    expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(2000 + bound());
  });

  it('goes on while the feed is lost and introspection vouches for the token', async () => {
    await start();
    feed.refuse((response) => response.writeHead(503).end());
    let runs = 0;
    const stream = await undisturbed(PAUSE, async () => {
      // The stream of a run that was paused may end during the next one, so each has its own owner.
      const sub = `owner-${++runs}`;
      token({ sub });
      const opened = await open();
      feed.cut();
      // Three times the bound.
      await opened.read((3 * MAX_STALENESS) / BETWEEN_EVENTS);
      expect(ended).not.toContain(sub);
      return opened;
    });
    revoke();
    await stream.end();
    await eventually(() => expect(ended).toContain(`owner-${runs}`));
  });

  it('leaves the authorization server alone while the feed is live', async () => {
    await start();
    await undisturbed(PAUSE, async () => {
      authorizationServer.asked.length = 0;
      const stream = await open();
      await stream.read((4 * MAX_STALENESS) / BETWEEN_EVENTS);
      await stream.cancel();
      // Once to let it pass, and twice because the feed has only just begun; without a feed it is eight times.
      expect(authorizationServer.asked.length).toBeLessThanOrEqual(3);
    });
  });

  it('is told by a signal, with the reason', async () => {
    await start();
    const answer = application.call('/until-the-end', 'a-token');
    await once(waiting.begins.signal, 'abort');
    revoke();
    expect(await (await answer).json()).toEqual({ status: 401 });
  });

  it('is not ended on a public route, which has no signal', async () => {
    await start();
    const stream = new OpenStream(await application.call('/open'));
    await stream.read(10);
    await stream.cancel();
    expect((await application.call('/confused')).status).toBe(500);
  });
});
