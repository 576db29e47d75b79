import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiError } from './api-error.js';

/**
 * Lets the application read JSON objects and nothing else. Members named `__proto__` or `constructor` that could reach
 * a prototype are refused, and so are bytes that are not UTF-8 (RFC 8259 section 8.1), which would be stored changed.
 */
export function acceptJsonOnly(application: NestFastifyApplication): void {
  const fastify = application.getHttpAdapter().getInstance();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
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

function malformed(): ApiError {
  return ApiError.invalidRequest('The request body must be a JSON object');
}
