import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  OptionalToken,
  Public,
  RequireScopes,
  SocketAuthenticator,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication } from '../library/support/protected-application.js';

@WebSocketGateway()
class ChatGateway {
  @SubscribeMessage('hello')
  hello() {
    return { event: 'hello' };
  }
}

@Public()
@WebSocketGateway()
class OpenGateway {
  @SubscribeMessage('open')
  open() {
    return { event: 'open' };
  }
}

@Public()
@WebSocketGateway()
class PartlyOpenGateway {
  @SubscribeMessage('secret')
  @RequireScopes('read')
  secret() {
    return { event: 'secret' };
  }
}

@WebSocketGateway()
class ConnectionGateway {
  @RequireScopes('read')
  handleConnection() {
    return undefined;
  }
}

@Injectable()
class Invoices {
  @RequireScopes('admin')
  remove() {
    return 'removed';
  }
}

@Injectable()
@RequireScopes('admin')
class Reports {
  read() {
    return 'read';
  }
}

class Base {
  @RequireScopes('admin')
  remove() {
    return 'removed';
  }
}

@Injectable()
class Extending extends Base {}

describe('Where requirements cannot hold', () => {
  let authorizationServer: IntrospectionServer;
  const start = async (
    providers: Type[],
    { guarded = true, ...options }: Partial<ResourceServerOptions> & { guarded?: boolean } = {},
  ) => {
    const application = await startApplication(
      [],
      { introspectionEndpoint: authorizationServer.url, ...options },
      (nest) => {
        const adapter = new WsAdapter(nest);
        nest.useWebSocketAdapter(guarded ? nest.get(SocketAuthenticator).guard(adapter) : adapter);
      },
      { providers },
    );
    await application.close();
    return application.log.join('\n');
  };

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
  });

  afterAll(() => authorizationServer.stop());

  it.each<[Type, string]>([
    [Invoices, 'Invoices.remove requires something of tokens, and nothing would check it'],
    [Reports, 'Reports requires something of tokens, and nothing would check it'],
    [Extending, 'Extending.remove requires something'],
    [ConnectionGateway, 'ConnectionGateway.handleConnection requires something'],
  ])('%p stops the start', async (type, message) => {
    await expect(start([type])).rejects.toThrow(message);
  });

  it('only warns of what another library may call, where requestOf says where its token is', async () => {
    const log = await start([Invoices], { requestOf: () => null });
    expect(log).toContain(
      'Invoices.remove requires something of tokens: this holds only if guards are called',
    );
  });

  it('starts where all is right', async () => {
    expect(await start([ChatGateway])).not.toContain('requires');
    await start([OpenGateway]);
    await start([OpenGateway], { guarded: false });
  });

  it.each([ChatGateway, PartlyOpenGateway])(
    '%p stops the start where nothing judges its sockets',
    async (type) => {
      await expect(start([type], { guarded: false })).rejects.toThrow(
        `${type.name} is not public, and nothing judges its sockets: call application.useWebSocketAdapter(`,
      );
    },
  );

  it('gateways that share their sockets have to agree', async () => {
    await expect(start([ChatGateway, OpenGateway])).rejects.toThrow(
      'ChatGateway and OpenGateway share their sockets, and not all are public',
    );

    @OptionalToken()
    @WebSocketGateway({ path: '/optional' })
    class OptionalGateway extends ChatGateway {}
    await start([ChatGateway, OptionalGateway]);
  });
});
