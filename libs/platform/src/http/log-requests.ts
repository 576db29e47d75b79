import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/**
 * One line a request. It holds the path without the query: nothing of ours reads the query of a POST, and a client
 * that put credentials there must not find them in our logs.
 */
export function logRequests(fastify: Pick<FastifyInstance, 'addHook'>, logger: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    if (logger.isLevelEnabled('info')) {
      request.log.info(
        {
          method: request.method,
          path: request.url.split('?', 1)[0],
          status: reply.statusCode,
          duration_ms: Math.round(reply.elapsedTime * 10) / 10,
          address: request.remoteAddress,
        },
        'request',
      );
    }
    done();
  });
}
