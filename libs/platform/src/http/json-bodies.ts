import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeText } from '../environment/decode-text.js';

/** A change to a resource (RFC 7396). */
export const MERGE_PATCH = 'application/merge-patch+json';

/** Deeper than anything that an API expects. Recursive code would overflow the stack on very deep values. */
const MAX_DEPTH = 32;

/**
 * More objects and lists than any request needs, and more members than any object has. Converting and validating as many
 * as fit into a body would block the event loop for 50 ms.
 */
const MAX_OBJECTS = 2500;
const MAX_MEMBERS = 100;

/**
 * Lets the application read JSON objects, at most {@link MAX_DEPTH} levels deep and of at most
 * {@link MAX_OBJECTS} objects and lists. Members named `__proto__` or `constructor` that could reach a prototype are
 * refused, and so are bytes that are not UTF-8 (RFC 8259 section 8.1), which would be stored differently. An empty body
 * counts as none.
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
      if (error || !isObject(value) || isTooComplex(value)) done(malformed(), undefined);
      else done(null, value);
    });
  });
}

function isObject(value: unknown): value is object {
  return isNested(value) && !Array.isArray(value);
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Iterates level by level, because a recursion would overflow the stack itself. */
function isTooComplex(value: object): boolean {
  let level = [value];
  let objects = 0;
  for (let depth = 0; level.length > 0; depth++) {
    objects += level.length;
    if (depth > MAX_DEPTH || objects > MAX_OBJECTS) return true;
    if (level.some((item) => isObject(item) && Object.keys(item).length > MAX_MEMBERS)) return true;
    level = level.flatMap((item) => (Object.values(item) as unknown[]).filter(isNested));
  }
  return false;
}
