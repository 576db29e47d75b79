import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Server } from 'socket.io';
import { Public, SocketAuthenticator, type ResourceServerOptions } from '@latchkey/resource-server';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';
import { connect, RefusedHandshake, SOCKETS, type SocketKind } from '../library/support/socket-client.js';

@WebSocketGateway()
class ChatGateway {
  @SubscribeMessage('hello')
  hello() {
    return { event: 'hello', data: 'world' };
  }
}

@Public()
@WebSocketGateway({
  verifyClient: () => {
    throw new Error('There is no cookie');
  },
} as object)
class CarelessGateway extends ChatGateway {}

/** Has a middleware of its own, which keeps a handshake waiting until the test goes on. */
@WebSocketGateway()
class SlowGateway extends ChatGateway {
  static admit: () => void = () => undefined;
  static server: Server;

  afterInit(server: Server) {
    SlowGateway.server = server;
    server.use((_, next) => (SlowGateway.admit = () => next()));
  }
}

@Public()
@WebSocketGateway({ namespace: 'open', connectionStateRecovery: {} })
class OpenGateway {
  @SubscribeMessage('hello')
  hello() {
    return { event: 'hello', data: 'world' };
  }
}

describe('Handshakes', () => {
  let authorizationServer: IntrospectionServer;

  const start = (
    kind: SocketKind,
    gateway: typeof ChatGateway,
    options: Partial<ResourceServerOptions> = {},
  ): Promise<ProtectedApplication> =>
    startApplication(
      [],
      { introspectionEndpoint: authorizationServer.url, ...options },
      (nest: NestFastifyApplication) => {
        const adapter = kind === 'ws' ? new WsAdapter(nest) : new IoAdapter(nest);
        nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(adapter));
      },
      { providers: [gateway] },
    );

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('good');
  });

  afterAll(() => authorizationServer.stop());

  it.each(SOCKETS)('of %s are refused where requestOf throws, and others go on', async (kind) => {
    const application = await start(kind, ChatGateway, {
      requestOf: (context) => {
        const { headers } = context.getArgByIndex<{ headers?: Record<string, string> }>(0);
        const { handshake } = context.getArgByIndex<{ handshake?: { headers: Record<string, string> } }>(0);
        if ((headers ?? handshake?.headers)?.authorization !== undefined) return null;
        throw new Error('There are no protocols');
      },
    });
    const refused: unknown = await connect(kind, application.url).catch((error: unknown) => error);
    const client = await connect(kind, application.url, { authorization: 'Bearer good' });
    const answer = await client.ask('hello');
    client.close();
    await application.close();
    expect(refused).toBeInstanceOf(RefusedHandshake);
    expect((refused as RefusedHandshake).status).toBe(kind === 'ws' ? 500 : null);
    expect(application.log.join('\n')).toContain('There are no protocols');
    expect(answer).toEqual({ event: 'hello', data: 'world' });
  });

  it('of ws are refused where verifyClient of the application throws, with a line in the log', async () => {
    const application = await start('ws', CarelessGateway);
    const refused: unknown = await connect('ws', application.url).catch((error: unknown) => error);
    await application.close();
    expect(refused).toMatchObject({ status: 500 });
    expect(application.log.join('\n')).toContain('There is no cookie');
  });

  it('that wait longer than their token lives leave no socket open', async () => {
    const exp = Math.ceil(Date.now() / 1000) + 1;
    authorizationServer.token('short', { exp });
    const application = await start('socket.io', SlowGateway);
    const connecting = connect('socket.io', application.url, { authorization: 'Bearer short' });
    // The token expires meanwhile.
    await sleep(exp * 1000 + 3000 - Date.now());
    SlowGateway.admit();
    const client = await connecting;
    await client.closed;
    expect(SlowGateway.server.sockets.sockets.size).toBe(0);
    await application.close();
  });

  it('of a public gateway may recover what was missed', async () => {
    const application = await start('socket.io', OpenGateway);
    const client = await connect('socket.io', application.url, { path: '/open' });
    expect(await client.ask('hello')).toEqual({ event: 'hello', data: 'world' });
    client.close();
    await application.close();
  });
});
