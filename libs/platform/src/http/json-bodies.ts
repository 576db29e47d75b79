import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** A change to a resource (RFC 7396). */
export const MERGE_PATCH = 'application/merge-patch+json';

/**
 * Lets the application read JSON objects. Members named `__proto__` or `constructor` that could reach
 * a prototype are refused, and so are bytes that are not UTF-8 (RFC 8259 section 8.1), which would be stored changed.
 *
 * @param malformed makes the error for a body that is no such object
 * @param contentTypes those that are read as JSON
 */
export function readJsonBodies(
  application: NestFastifyApplication,
  malformed: () => Error,
  contentTypes: readonly string[] = ['application/json'],
): void {
  const fastify = application.getHttpAdapter().getInstance();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<Buffer>([...contentTypes], { parseAs: 'buffer' }, (request, bytes, done) => {
    const text = decode(bytes);
    if (text === null) return done(malformed(), undefined);
    void parse(request, text, (error, value: unknown) => {
      if (error || !isObject(value)) done(malformed(), undefined);
      else done(null, value);
    });
  });
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
