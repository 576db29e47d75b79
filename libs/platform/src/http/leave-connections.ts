import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Drain } from '../lifecycle/drain.js';

/** Interval of the check for connections that became idle after the server stopped listening. */
const SWEEP_MS = 100;

/**
 * Closes connections while the server drains: each response closes its own. When the server stops listening, it closes
 * idle connections and those without a request, and then each one that becomes idle.
 */
export function leaveConnections(fastify: FastifyInstance, drain: Drain): void {
  const { server } = fastify;
  const unused = new Set<Socket>();
  const watch = (socket: Socket): void => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  };
  server.on('connection', watch);
  server.on('secureConnection', watch);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (drain.hasBegun) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('preClose', async () => {
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS).unref();
    server.once('close', () => clearInterval(sweep));
  });
}
