import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/**
 * Writes one line per request. It has the path without the query: a client may have put credentials into the query by
 * mistake, and they must not be logged.
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
