import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Server, type Socket } from 'socket.io';
import { io } from 'socket.io-client';
import { sendNothingLate } from './socket-servers.js';

describe('A socket of socket.io', () => {
  it.each([
    ['is sent what comes before the end of its token', false],
    ['is sent nothing when its token is found to have ended', true],
  ])('%s', async (_, hasEnded) => {
    const http = createServer().listen(0, '127.0.0.1');
    const server = new Server(http);
    await once(http, 'listening');
    const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
      transports: ['websocket'],
      reconnection: false,
    });
    const [socket] = (await once(server, 'connection')) as [Socket];
    const written: unknown[] = [];
    socket.conn.on('packetCreate', ({ data }: { data: unknown }) => written.push(data));
    sendNothingLate(socket, 'emit', () => {
      if (hasEnded) socket.disconnect();
    });
    socket.emit('news', 'a secret');
    expect(written.some((data) => String(data).includes('a secret'))).toBe(!hasEnded);
    client.close();
    await server.close();
  });
});
