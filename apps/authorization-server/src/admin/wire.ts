import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { Optional } from '../fields/validators.js';
import { Problem } from './problem.js';

/** A time on the wire (RFC 3339). */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function optionalTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : time(milliseconds);
}

/** For a query: `true`, `false`, or missing. Other values stay unchanged, and are refused. */
export const QueryFlag = (): PropertyDecorator =>
  applyDecorators(
    Optional(),
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
    IsBoolean({ message: 'must be true or false' }),
  );

/** NUL, which PostgreSQL cannot store, and unpaired surrogates: no name contains them. */
const IMPOSSIBLE = /[\0\p{Surrogate}]/u;

/** Injects a decoded name from the path: a `client_id` may contain slashes and spaces. */
export const PathName = createParamDecorator((parameter: string, context: ExecutionContext): string => {
  const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
  const name = params[parameter] ?? '';
  if (name === '' || IMPOSSIBLE.test(name)) throw new Problem(404, 'not_found', 'There is nothing here');
  return name;
});

/**
 * Applies a merge patch (RFC 7396) to members that are not objects.
 *
 * @returns the resulting resource; a member that is `null` in the patch is absent
 */
export function mergePatch(target: object, patch: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...target, ...patch }).filter(([, value]) => value !== null && value !== undefined),
  );
}
