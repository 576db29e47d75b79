import { once, type EventEmitter } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Server as IoServer, type Socket } from 'socket.io';
import { io } from 'socket.io-client';
import { aToken } from '../claims/a-token.spec-support.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { OPTIONS } from './access-token.guard.spec-support.js';
import { TokenChecks } from './token-checks.js';
import { TokenWatch } from './token-watch.js';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Responses and connections whose client has left, as the watch gets them after a token was looked up. */
const CLOSED: [string, () => Promise<EventEmitter>][] = [
  [
    'a response',
    async () => {
      const server = createServer();
      const request = get({ port: await listen(server) }).on('error', () => undefined);
      const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
      request.destroy();
      await once(response, 'close');
      server.close();
      return response;
    },
  ],
  [
    'a response of HTTP/2',
    async () => {
      const server = createHttp2Server();
      const session = connect(`http://127.0.0.1:${await listen(server)}`);
      const stream = session.request();
      const [, response] = (await once(server, 'request')) as [unknown, Http2ServerResponse];
      stream.close();
      await once(response, 'close');
      session.close();
      server.close();
      return response;
    },
  ],
  [
    'a connection of socket.io',
    async () => {
      const server = createServer();
      const sockets = new IoServer(server);
      const client = io(`http://127.0.0.1:${await listen(server)}`, { transports: ['websocket'] });
      const [{ conn }] = (await once(sockets, 'connection')) as [Socket];
      client.close();
      await once(conn, 'close');
      await sockets.close();
      return conn;
    },
  ],
];

describe('The watch of a token', () => {
  it.each(CLOSED)('does not begin for %s that is closed already', async (_, closed) => {
    const settings = new ResourceServerSettings(OPTIONS);
    const { lookup, status } = new TokenChecks(settings);
    const lifetime = await closed();
    const listeners = lifetime.listenerCount('close');
    const signal = new TokenWatch(lookup, status, settings).signalFor('a', aToken(), lifetime);
    expect([signal.aborted, lifetime.listenerCount('close')]).toEqual([false, listeners]);
  });
});
