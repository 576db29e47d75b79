import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/**
 * Keeps answers out of every cache, refusals included (RFC 6749 section 5.1), unless a controller says that its answer
 * is public. A hook, because guards refuse before a controller's headers are set; and whatever the path is, because a
 * path may be written in more ways than one (`/%6fauth/token`).
 */
export function forbidCaching(application: NestFastifyApplication): void {
  application
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, payload, done) => {
      if (!reply.hasHeader('cache-control')) {
        void reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
      }
      done(null, payload);
    });
}
