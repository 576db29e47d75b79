import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MethodNotAllowedException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Each one needs its own route; `HEAD` is part of `GET`. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/**
 * Answers 405 with `Allow` (RFC 9110 section 15.5.6) where Fastify would answer 404: on every path that has a route for
 * another method, whatever the method is (`PROPFIND`). Call it before the application registers its routes.
 *
 * @returns a function to call when all routes are registered, before the server listens
 */
export function refuseOtherMethods(application: NestFastifyApplication): () => void {
  const fastify = application.getHttpAdapter().getInstance();
  const allowedByPath = new Map<string, Set<string>>();
  let isComplete = false;
  fastify.addHook('onRoute', ({ url, method }) => {
    if (isComplete) return;
    const allowed = allowedByPath.get(url) ?? new Set<string>();
    for (const name of [method].flat()) allowed.add(name);
    allowedByPath.set(url, allowed);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    // Routes for the many other methods of HTTP and WebDAV would only cost memory.
    if (request.is404 && !METHODS.some((method) => method === request.method)) {
      const [path = ''] = request.url.split('?', 1);
      const matching = [...allowedByPath].filter(([pattern]) => matches(path, pattern));
      const allowed = new Set(matching.flatMap(([, methods]) => [...methods]));
      if (allowed.size > 0) refuse(reply, allowed);
    }
    done();
  });
  /** `/users/import` may also match `/users/:name`, for methods that only that path has. */
  const isServedElsewhere = (url: string, method: string): boolean =>
    [...allowedByPath].some(
      ([other, allowed]) => url !== other && allowed.has(method) && matches(url, other),
    );
  return () => {
    isComplete = true;
    for (const [url, allowed] of [...allowedByPath]) {
      if (url.includes('*')) continue;
      const missing = METHODS.filter((method) => !allowed.has(method) && !isServedElsewhere(url, method));
      if (missing.length === 0) continue;
      fastify.route({
        url,
        method: missing,
        // Before the body is read, because errors in it no longer matter.
        onRequest: (_request, reply) => refuse(reply, allowed),
        handler: () => undefined,
      });
    }
  };
}

function refuse(reply: FastifyReply, allowed: ReadonlySet<string>): never {
  void reply.header('allow', [...allowed].sort().join(', '));
  throw new MethodNotAllowedException();
}

/** Whether a path, or a more specific pattern, matches a pattern. */
function matches(path: string, pattern: string): boolean {
  const [parts, patterns] = [path.split('/'), pattern.split('/')];
  return (
    parts.length === patterns.length &&
    patterns.every((part, index) => part.startsWith(':') || part === parts[index])
  );
}
