import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Sse, type MessageEvent } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { FreshnessStatus, SocketAuthenticator } from '@latchkey/resource-server';
import { interval, map, type Observable } from 'rxjs';
import { hold } from '../support/hold.js';
import { FeedServer } from '../library/support/feed-server.js';
import { untilState } from '../library/support/guarded-application.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import {
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';
import { connect, type SocketKind } from '../library/support/socket-client.js';

/** Milliseconds. */
const BETWEEN_EVENTS = 20;

let handled = 0;

@Controller()
class EventsController {
  @Get('notes')
  notes() {
    handled++;
    return {};
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(BETWEEN_EVENTS).pipe(map(() => ({ data: String(performance.now()) })));
  }
}

/** Sends without being asked, for as long as the socket is open. */
@WebSocketGateway()
class EventsGateway {
  handleConnection(client: { send(data: string): void }): void {
    const timer = setInterval(() => client.send(String(performance.now())), BETWEEN_EVENTS);
    (client as unknown as NodeJS.EventEmitter).once('close', () => clearInterval(timer));
    (client as unknown as NodeJS.EventEmitter).once('disconnect', () => clearInterval(timer));
  }
}

/** Reads all that comes until the connection is cut. Each event is the time at which it was sent, by `performance.now()`. */
async function lastEventOf({ body }: Response, began: () => void): Promise<number> {
  let text = '';
  try {
    for await (const piece of body ?? []) {
      text += Buffer.from(piece as Uint8Array).toString();
      began();
    }
  } catch {
    // It is cut.
  }
  return Math.max(...[...text.matchAll(/data: ([\d.]+)\n/g)].map(([, time]) => Number(time)));
}

const CASES = PLATFORMS.flatMap((platform) =>
  (['ws', 'socket.io'] as const).map((sockets) => ({ platform, sockets })),
);

describe.each(CASES)(
  'An event loop that is held while a token is revoked, on $platform with $sockets',
  (one) => {
    const { platform, sockets }: { platform: (typeof PLATFORMS)[number]; sockets: SocketKind } = one;
    let authorizationServer: IntrospectionServer;
    let feed: FeedServer;
    let application: ProtectedApplication;

    beforeEach(async () => {
      handled = 0;
      authorizationServer = await IntrospectionServer.start();
      feed = await FeedServer.start();
      let status: FreshnessStatus | undefined;
      application = await startApplication(
        [EventsController],
        {
          introspectionEndpoint: authorizationServer.url,
          timeoutMs: 30_000,
          revocationFeed: { endpoint: feed.url },
        },
        (nest) => {
          status = nest.get(FreshnessStatus);
          const adapter = sockets === 'ws' ? new WsAdapter(nest) : new IoAdapter(nest);
          nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(adapter));
        },
        { platform, providers: [EventsGateway] },
      );
      await untilState(status!, 'live');
    });

    afterEach(async () => {
      await application.close();
      await authorizationServer.stop();
      await feed.stop();
    });

    it.each([9000, 20_000])(
      'for %d ms: nothing is let through or sent after the bound that the log printed',
      async (heldMs) => {
        const [, printed] = /later than (\d+) ms/.exec(application.log.join('\n')) ?? [];
        for (const sid of ['open', 'waiting']) {
          authorizationServer.token(sid, { sid, client_epoch: 1, user_epoch: 1 });
        }
        const response = await application.call('/events', 'open');
        let lastStreamed: Promise<number> = Promise.resolve(Infinity);
        await new Promise<void>((began) => {
          lastStreamed = lastEventOf(response, began);
        });
        const client = await connect(sockets, application.url, { authorization: 'Bearer open' });
        let lastPushed = Infinity;
        client.onMessage((time) => (lastPushed = Number(time)));
        await client.next();

        let revokedAt = 0;
        let releasedAt = 0;
        const { origin } = new URL(authorizationServer.url);
        const holdOnce = (message: unknown): void => {
          if ((message as { request: { origin: string } }).request.origin !== origin) return;
          unsubscribe('undici:request:trailers', holdOnce);
          for (const sid of ['open', 'waiting']) {
            authorizationServer.token(sid, { active: false });
            feed.revoke({ sid });
          }
          revokedAt = performance.now();
          hold(heldMs);
          releasedAt = performance.now();
        };
        subscribe('undici:request:trailers', holdOnce);
        const answer = await application.call('/notes', 'waiting');

        expect([401, 503]).toContain(answer.status);
        expect(handled).toBe(0);
        expect(releasedAt - revokedAt).toBeGreaterThan(Number(printed));
        expect((await lastStreamed) - revokedAt).toBeLessThan(Number(printed));
        await client.closed;
        expect(lastPushed - revokedAt).toBeLessThan(Number(printed));
      },
      60_000,
    );
  },
);
