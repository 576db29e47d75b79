import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { describedInput } from '@latchkey/platform/openapi';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

interface Versioned {
  /** Never reused, so a resource that was deleted and created again has other tags. */
  readonly key: number;
  readonly version: number;
}

/** The strong validator of a representation (RFC 9110 section 8.8.3). */
export function entityTag({ key, version }: Versioned): string {
  return `"${key}-${version}"`;
}

/**
 * One of our tags as clients send it back. A proxy that compresses the response makes the tag weak (nginx, Varnish) or
 * appends the coding (Apache, Caddy). It still names one version of the resource: see ADR 0029.
 */
const RETURNED_TAG = /^(?:W\/)?"(\d+-\d+)(?:-{1,2}[a-z]+)?"$/;

/**
 * Injects the `If-Match` header. It is required, because a change could otherwise overwrite one that its author has not
 * seen (RFC 6585 section 3).
 *
 * @throws Problem 428
 */
export const IfMatch = (): ParameterDecorator => describedInput('condition', Object, IfMatchHeader());

const IfMatchHeader = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const value = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  if (value === undefined || value === '') {
    throw new Problem(428, 'precondition_required', 'If-Match must name the ETag of what is changed');
  }
  return value;
});

/**
 * @param ifMatch entity tags, or `*` (RFC 9110 section 13.1.1)
 * @throws Problem 412 when the resource was changed meanwhile
 */
export function assertUnchanged(ifMatch: string, current: Versioned): void {
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(RETURNED_TAG, '"$1"'));
  if (tags.includes('*') || tags.includes(entityTag(current))) return;
  throw new Problem(412, 'changed_meanwhile', 'It was changed meanwhile; read it again');
}
