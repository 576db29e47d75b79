import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  accessTokenOf,
  BearerError,
  CurrentToken,
  Public,
  RequireOwner,
  RequireScopes,
  SocketAuthenticator,
  TokenSignal,
  type AccessToken,
} from '@latchkey/resource-server';
import { eventually } from '../support/eventually.js';
import { FeedServer } from '../library/support/feed-server.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import {
  followsFeed,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';
import {
  connect,
  RefusedHandshake,
  SOCKETS,
  type HandshakeOptions,
} from '../library/support/socket-client.js';

const connected: (string | null)[] = [];
const ended: string[] = [];

class Chat {
  handleConnection(client: object): void {
    connected.push(accessTokenOf(client)?.subject ?? null);
  }

  @SubscribeMessage('who')
  who(@CurrentToken() token: AccessToken) {
    return { event: 'who', data: token.subject };
  }

  @SubscribeMessage('write')
  @RequireScopes('write')
  write() {
    return { event: 'write', data: 'written' };
  }

  @SubscribeMessage('own')
  @RequireOwner('user')
  own(@MessageBody() { user }: { user: string }) {
    return { event: 'own', data: user };
  }

  @SubscribeMessage('deny')
  deny() {
    throw BearerError.accessDenied('Not today');
  }

  @SubscribeMessage('until-the-end')
  async wait(@TokenSignal() signal: AbortSignal) {
    await once(signal, 'abort');
    ended.push(String((signal.reason as BearerError).getStatus()));
  }
}

class Open {
  @SubscribeMessage('hello')
  hello() {
    return { event: 'hello', data: 'world' };
  }

  @SubscribeMessage('write')
  @RequireScopes('write')
  write() {
    return { event: 'write', data: 'written' };
  }
}

@WebSocketGateway({ path: '/chat' })
class WsChatGateway extends Chat {}

@Public()
@WebSocketGateway({ path: '/open' })
class WsOpenGateway extends Open {}

@WebSocketGateway({ namespace: 'chat' })
class IoChatGateway extends Chat {}

@Public()
@WebSocketGateway({ namespace: '/open' })
class IoOpenGateway extends Open {}

const GATEWAYS = { ws: [WsChatGateway, WsOpenGateway], 'socket.io': [IoChatGateway, IoOpenGateway] };

describe.each(SOCKETS)('Gateways behind the guard, of %s', (kind) => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  let application: ProtectedApplication;
  const open = (token: string | undefined, options: HandshakeOptions = {}) =>
    connect(kind, application.url, {
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      path: '/chat',
      ...options,
    });
  const refusal = async (...parameters: Parameters<typeof open>) => {
    const error: unknown = await open(...parameters).then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(RefusedHandshake);
    return error as RefusedHandshake;
  };
  const session = (sid: string) =>
    authorizationServer.token(sid, { sid, scope: 'write', client_epoch: 1, user_epoch: 1 });

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('writer', { scope: 'write' });
    feed = await FeedServer.start();
    application = await startApplication(
      [],
      followsFeed(authorizationServer, feed),
      (nest) => {
        const adapter = kind === 'ws' ? new WsAdapter(nest) : new IoAdapter(nest);
        nest.useWebSocketAdapter(nest.get(SocketAuthenticator).guard(adapter));
      },
      { providers: GATEWAYS[kind] },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
    await feed.stop();
  });

  it.each([
    ['no token', undefined],
    ['an unknown token', 'made-up'],
    ['what is no token', 'two words'],
  ])('refuse a handshake with %s', async (_, token) => {
    const { status, body, challenge } = await refusal(token);
    expect(body).toMatchObject({ error: 'invalid_token' });
    if (kind === 'ws') {
      expect(status).toBe(401);
      expect(challenge).toMatch(/^Bearer realm=/);
    }
    const reason = token === undefined ? 'no_token' : token === 'made-up' ? 'inactive' : 'malformed';
    expect(application.log.join('\n')).toContain(`Refused with 401 at the handshake of a socket: ${reason}`);
  });

  it('refuse a handshake with two tokens', async () => {
    expect((await refusal('reader', { path: '/chat?access_token=reader' })).body).toMatchObject({
      error: 'invalid_request',
    });
  });

  it('refuse a handshake whose token cannot be checked', async () => {
    authorizationServer.misbehave((response) => response.writeHead(500).end());
    const { body } = await refusal('never-seen');
    authorizationServer.misbehave(null);
    expect(body).toMatchObject({ error: 'temporarily_unavailable' });
  });

  it('let a good token in, and know it', async () => {
    connected.length = 0;
    const client = await open('reader');
    expect(await client.ask('who')).toEqual({ event: 'who', data: 'alice' });
    expect(connected).toEqual(['alice']);
    client.close();
  });

  it('hold each message against what its handler requires', async () => {
    const client = await open('reader');
    expect(await client.ask('write')).toMatchObject({
      event: 'exception',
      data: { statusCode: 403, error: 'insufficient_scope', scope: 'write' },
    });
    expect(await client.ask('own', { user: 'alice' })).toEqual({ event: 'own', data: 'alice' });
    expect(await client.ask('own', { user: 'bob' })).toMatchObject({ data: { error: 'access_denied' } });
    expect(await client.ask('own')).toMatchObject({ data: { error: 'access_denied' } });
    expect(await client.ask('deny')).toMatchObject({ data: { error: 'access_denied' } });
    const writer = await open('writer');
    expect(await writer.ask('write')).toEqual({ event: 'write', data: 'written' });
    client.close();
    writer.close();
  });

  it('close a socket when its token is revoked, with its signal', async () => {
    ended.length = 0;
    const client = await open(session('session-r'));
    void client.ask('until-the-end').catch(() => undefined);
    expect(await client.ask('write')).toEqual({ event: 'write', data: 'written' });
    authorizationServer.token('session-r', { active: false });
    feed.revoke({ sid: 'session-r' });
    await client.closed;
    await eventually(() => expect(ended).toEqual(['401']));
    expect((await refusal('session-r')).body).toMatchObject({ error: 'invalid_token' });
  });

  it('close a socket when its token expires', async () => {
    const exp = Math.ceil(Date.now() / 1000) + 1;
    authorizationServer.token('short', { exp, sid: 'short', client_epoch: 1, user_epoch: 1 });
    const client = await open('short');
    await client.closed;
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
  });

  it('let everybody into a public gateway, and no further', async () => {
    const stranger = await open(undefined, { path: '/open' });
    expect(await stranger.ask('hello')).toEqual({ event: 'hello', data: 'world' });
    expect(await stranger.ask('write')).toMatchObject({ data: { statusCode: 401 } });
    const reader = await open('reader', { path: '/open' });
    expect(await reader.ask('write')).toMatchObject({ data: { error: 'insufficient_scope' } });
    const writer = await open('writer', { path: '/open' });
    expect(await writer.ask('write')).toEqual({ event: 'write', data: 'written' });
    const confused = await open('made-up', { path: '/open' });
    expect(await confused.ask('hello')).toEqual({ event: 'hello', data: 'world' });
    expect(await confused.ask('write')).toMatchObject({ data: { error: 'invalid_token' } });
    for (const client of [stranger, reader, writer, confused]) client.close();
  });

  if (kind === 'socket.io') {
    it('take the token of browsers, which cannot set headers', async () => {
      const client = await open(undefined, { auth: { token: 'reader' } });
      expect(await client.ask('who')).toEqual({ event: 'who', data: 'alice' });
      client.close();
      expect((await refusal(undefined, { auth: { token: ['reader'] } })).body).toMatchObject({
        error: 'invalid_token',
      });
      expect((await refusal('reader', { auth: { token: 'reader' } })).body).toMatchObject({
        error: 'invalid_request',
      });
    });
  }
});
