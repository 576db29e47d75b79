import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeText } from '../environment/decode-text.js';

/** A change to a resource (RFC 7396). */
export const MERGE_PATCH = 'application/merge-patch+json';

/** Deeper than anything that an API expects. Recursive code would overflow the stack on very deep values. */
const MAX_DEPTH = 32;

/**
 * Lets the application read JSON objects, at most {@link MAX_DEPTH} levels deep. Members named `__proto__` or
 * `constructor` that could reach a prototype are refused, and so are bytes that are not UTF-8 (RFC 8259 section 8.1),
 * which would be stored differently. An empty body counts as none.
 *
 * @param malformed creates the error for a body that is no such object
 * @param contentTypes the types that are read as JSON
 */
export function readJsonBodies(
  application: NestFastifyApplication,
  malformed: () => Error,
  contentTypes: readonly string[] = ['application/json'],
): void {
  const fastify = application.getHttpAdapter().getInstance();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<Buffer>([...contentTypes], { parseAs: 'buffer' }, (request, bytes, done) => {
    if (bytes.length === 0) return done(null, undefined);
    const text = decodeText(bytes);
    if (text === null) return done(malformed(), undefined);
    void parse(request, text, (error, value: unknown) => {
      if (error || !isObject(value) || isTooDeep(value)) done(malformed(), undefined);
      else done(null, value);
    });
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Iterates level by level, because a recursion would overflow the stack itself. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item as Record<string, unknown>) : [],
    );
  }
  return false;
}
