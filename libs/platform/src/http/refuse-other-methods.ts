import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MethodNotAllowedException } from '@nestjs/common';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/**
 * Answers 405 with `Allow` (RFC 9110 section 15.5.6) where Fastify would answer 404: on every path that has a route
 * for another method. Call it before the application registers its routes; it completes them at the end.
 *
 * @returns a function to call when all routes are registered, before the server listens
 */
export function refuseOtherMethods(application: NestFastifyApplication): () => void {
  const fastify = application.getHttpAdapter().getInstance();
  const allowedByPath = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const allowed = allowedByPath.get(url) ?? new Set<string>();
    for (const name of [method].flat()) allowed.add(name);
    allowedByPath.set(url, allowed);
  });
  /** `/users/import` may also be the `import` of `/users/:name`, for the methods that only that path has. */
  const isServedElsewhere = (url: string, method: string): boolean =>
    [...allowedByPath].some(([other, allowed]) => allowed.has(method) && isInstanceOf(url, other));
  return () => {
    for (const [url, allowed] of [...allowedByPath]) {
      if (url.includes('*')) continue;
      const allow = [...allowed].sort().join(', ');
      const missing = METHODS.filter((method) => !allowed.has(method) && !isServedElsewhere(url, method));
      if (missing.length === 0) continue;
      fastify.route({
        url,
        method: missing,
        // Before the body is read: what is wrong with it does not matter any more.
        onRequest: (_request, reply) => {
          void reply.header('allow', allow);
          throw new MethodNotAllowedException();
        },
        handler: () => undefined,
      });
    }
  };
}

function isInstanceOf(url: string, pattern: string): boolean {
  const [parts, patterns] = [url.split('/'), pattern.split('/')];
  return (
    url !== pattern &&
    parts.length === patterns.length &&
    patterns.every((part, index) => part.startsWith(':') || part === parts[index])
  );
}
