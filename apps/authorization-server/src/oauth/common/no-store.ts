import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/**
 * Keeps OAuth answers out of every cache, refusals included (RFC 6749 section 5.1). A hook, because guards refuse before
 * a controller's headers are set.
 */
export function forbidCaching(application: NestFastifyApplication): void {
  application
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      // The key set is public and meant to be kept.
      if (!request.url.startsWith('/oauth/') || request.url.startsWith('/oauth/jwks')) return;
      void reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
    });
}
