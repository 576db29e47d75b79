import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { FreshnessStatus, SocketAuthenticator } from '@latchkey/resource-server';
import { interval, map, type Observable } from 'rxjs';
import { untilState } from '../library/support/guarded-application.js';
import { OpenStream } from '../library/support/open-stream.js';
import { connect } from '../library/support/socket-client.js';
import {
  PLATFORMS,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';
import { ALICE, API, RESOURCE_SERVER } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Milliseconds. */
const BETWEEN_EVENTS = 20;

@Controller()
class EventsController {
  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(BETWEEN_EVENTS).pipe(map((count) => ({ data: String(count) })));
  }
}

/** Sends without being asked, for as long as the socket is open. */
@WebSocketGateway()
class EventsGateway {
  handleConnection(client: NodeJS.EventEmitter & { send(data: string): void }): void {
    const timer = setInterval(() => client.send('"an event"'), BETWEEN_EVENTS);
    client.once('close', () => clearInterval(timer));
  }
}

describe.each(PLATFORMS)(
  'A stream and a socket whose token is revoked while the network fails, on %s',
  (platform) => {
    let stack: Stack;
    let proxy: TcpProxy;
    let application: ProtectedApplication;
    let status: FreshnessStatus;

    beforeAll(async () => {
      stack = await startStack('sqlite');
      proxy = await TcpProxy.inFrontOfServer(stack.issuer);
      application = await startApplication(
        [EventsController],
        {
          introspectionEndpoint: `${proxy.url}/oauth/introspect`,
          clientId: RESOURCE_SERVER.clientId,
          clientSecret: RESOURCE_SERVER.secret,
          issuer: stack.issuer,
          audience: API,
          timeoutMs: 30_000,
          revocationFeed: { endpoint: `${proxy.url}/oauth/revocations`, maxStalenessMs: 2000 },
        },
        (nest) => {
          status = nest.get(FreshnessStatus);
          nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(new WsAdapter(nest)));
        },
        { platform, providers: [EventsGateway] },
      );
    });

    afterAll(async () => {
      await application.close();
      await proxy.cut();
      await stack.stop();
    });

    it.each<[string, () => unknown, () => unknown]>([
      ['nothing fails', () => undefined, () => undefined],
      ['all connections are cut', () => proxy.cut(), () => proxy.restore()],
      ['nothing gets through and nothing says so', () => proxy.freeze(), () => proxy.thaw()],
      ['connections break', () => proxy.breakConnections(), () => undefined],
    ])('end within the bound that the log printed when %s', async (_, fail, heal) => {
      await untilState(status, 'live');
      const [, printed] = /later than (\d+) ms/.exec(application.log.join('\n')) ?? [];
      const { access_token: token } = expectSession(await stack.login(ALICE));
      // After an outage the circuit is open for a while.
      let response: Response | undefined;
      await eventually(async () => {
        response = await application.call('/events', token);
        expect(response.status).toBe(200);
      });
      const stream = new OpenStream(response ?? Response.error());
      await stream.read(2);
      const client = await connect('ws', application.url, { authorization: `Bearer ${token}` });
      let pushed = 0;
      client.onMessage(() => pushed++);
      await client.next();
      await fail();
      await stack.revoke(token);
      pushed = 0;
      expect((await stream.end()) * BETWEEN_EVENTS).toBeLessThan(Number(printed));
      await client.closed;
      expect(pushed * BETWEEN_EVENTS).toBeLessThan(Number(printed));
      await heal();
    });
  },
);
