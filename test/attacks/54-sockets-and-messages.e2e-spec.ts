import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Injectable } from '@nestjs/common';
import { ClientTCP, MessagePattern, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { createClient } from 'graphql-ws';
import { firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { Public, RequireScopes, SocketAuthenticator } from '@latchkey/resource-server';
import { FeedServer } from '../library/support/feed-server.js';
import { AccountResolver, DRIVERS, graphqlModule } from '../library/support/graphql-application.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import {
  followsFeed,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';
import { connect, RefusedHandshake, SOCKETS } from '../library/support/socket-client.js';

@WebSocketGateway()
class ChatGateway {
  @SubscribeMessage('hello')
  hello() {
    return { event: 'hello', data: 'secret' };
  }
}

/** A client that connects again gets what it has missed before any middleware is called. */
@WebSocketGateway({ namespace: 'recovering', connectionStateRecovery: {} })
class RecoveringGateway extends ChatGateway {}

@Public()
@WebSocketGateway()
class OpenGateway {
  @SubscribeMessage('open')
  open() {
    return { event: 'open', data: 'open' };
  }
}

/** Requires nothing by itself: any good token will do, and none will not. */
@Controller()
class MessagesController {
  @MessagePattern('undecorated')
  read() {
    return 'secret';
  }
}

@Injectable()
class Invoices {
  @RequireScopes('admin')
  remove() {
    return 'removed';
  }
}

describe('What no route leads to is closed too', () => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  const options = () => followsFeed(authorizationServer, feed);
  const token = (sid: string) => authorizationServer.token(sid, { sid, client_epoch: 1, user_epoch: 1 });
  const revoke = (sid: string) => {
    authorizationServer.token(sid, { active: false });
    feed.revoke({ sid });
  };

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    feed = await FeedServer.start();
    token('reader');
  });

  afterAll(async () => {
    await authorizationServer.stop();
    await feed.stop();
  });

  describe.each(SOCKETS)('sockets of %s', (kind) => {
    let application: ProtectedApplication;
    const open = (sent?: string) =>
      connect(kind, application.url, { authorization: sent === undefined ? undefined : `Bearer ${sent}` });

    beforeAll(async () => {
      const guard = (nest: NestFastifyApplication) => {
        const adapter = kind === 'ws' ? new WsAdapter(nest) : new IoAdapter(nest);
        nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(adapter));
      };
      application = await startApplication([], options(), guard, { providers: [ChatGateway] });
    });

    afterAll(() => application.close());

    it('do not open without a good token', async () => {
      for (const sent of [undefined, 'made-up']) {
        await expect(open(sent)).rejects.toBeInstanceOf(RefusedHandshake);
      }
    });

    it('close when their token is revoked', async () => {
      const client = await open(token(`socket of ${kind}`.replaceAll(' ', '-')));
      expect(await client.ask('hello')).toEqual({ event: 'hello', data: 'secret' });
      revoke(`socket of ${kind}`.replaceAll(' ', '-'));
      await client.closed;
    });
  });

  it('gateways whose sockets nothing judges stop the start', async () => {
    const unguarded = (nest: NestFastifyApplication) => void nest.useWebSocketAdapter(new WsAdapter(nest));
    await expect(startApplication([], options(), unguarded, { providers: [ChatGateway] })).rejects.toThrow(
      'nothing judges its sockets',
    );
  });

  it('a public gateway opens no other one', async () => {
    const guard = (nest: NestFastifyApplication) =>
      void nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(new WsAdapter(nest)));
    const providers = [OpenGateway, ChatGateway];
    await expect(startApplication([], options(), guard, { providers })).rejects.toThrow(
      'share their sockets',
    );
  });

  it('sockets that send missed messages before the handshake is judged stop the start', async () => {
    const guard = (nest: NestFastifyApplication) =>
      void nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(new IoAdapter(nest)));
    await expect(startApplication([], options(), guard, { providers: [RecoveringGateway] })).rejects.toThrow(
      'connectionStateRecovery',
    );
  });

  it('a requirement that nothing would check stops the start', async () => {
    await expect(startApplication([], options(), undefined, { providers: [Invoices] })).rejects.toThrow(
      'Invoices.remove requires something of tokens, and nothing would check it',
    );
  });

  it.each([true, false])('messages need a token (inheritAppConfig: %s)', async (inheritAppConfig) => {
    let nest: NestFastifyApplication | undefined;
    const application = await startApplication(
      [MessagesController],
      options(),
      (created) => (nest = created),
    );
    const microservice = nest?.connectMicroservice<MicroserviceOptions>(
      { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
      { inheritAppConfig },
    );
    await nest?.startAllMicroservices();
    const { port } = microservice?.unwrap<Server>().address() as AddressInfo;
    const client = new ClientTCP({ host: '127.0.0.1', port });
    try {
      for (const data of [{}, { authorization: 'Bearer made-up' }]) {
        await expect(firstValueFrom(client.send('undecorated', data))).rejects.toBeDefined();
      }
    } finally {
      client.close();
      await application.close();
    }
  });

  it.each(DRIVERS)(
    'a subscription of $driver on $platform ends with its token',
    async ({ driver, platform }) => {
      const application = await startApplication([], options(), undefined, {
        platform,
        imports: [graphqlModule(driver)],
        providers: [AccountResolver],
      });
      const sid = `subscription-${driver}-${platform}`;
      const client = createClient({
        url: `${application.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token(sid)}` },
        retryAttempts: 0,
      });
      try {
        const values = client.iterate({ query: 'subscription { ticks }' });
        await values.next();
        revoke(sid);
        const untilTheEnd = async () => {
          while (!(await values.next()).done);
        };
        await expect(untilTheEnd()).rejects.toMatchObject({ code: 1006 });
      } finally {
        await client.dispose();
        await application.close();
      }
    },
  );
});
