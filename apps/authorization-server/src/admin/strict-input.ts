import { createParamDecorator, type ExecutionContext, type Type } from '@nestjs/common';
import { describedInput } from '@latchkey/platform/openapi';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { FieldProblem } from '../clients/client-registration-rules.js';
import { Problem } from './problem.js';

/** Longest name of an unknown member that an answer repeats. */
const MAX_NAME = 64;

const UNKNOWN = 'is not known here';

const CheckedBody = createParamDecorator((type: Type<object>, context: ExecutionContext): object => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  // With an empty object, the error names the members that are missing.
  const value = checked(type, body ?? {});
  if (body === undefined) assertObject(body);
  return value;
});

const CheckedBodyOrNone = createParamDecorator((type: Type<object>, context: ExecutionContext): object =>
  checked(type, context.switchToHttp().getRequest<FastifyRequest>().body ?? {}),
);

const RawBody = createParamDecorator((_: unknown, context: ExecutionContext): object =>
  assertObject(context.switchToHttp().getRequest<FastifyRequest>().body),
);

const CheckedQuery = createParamDecorator((type: Type<object>, context: ExecutionContext): object =>
  checked(type, context.switchToHttp().getRequest<FastifyRequest>().query),
);

/** Injects the body as a checked object. Unknown members are refused, because a misspelt one must not be ignored. */
export const StrictBody = (type: Type<object>): ParameterDecorator =>
  describedInput('body', type, CheckedBody(type));

/** The same for a request whose body may be missing, which counts as an empty object. */
export const OptionalStrictBody = (type: Type<object>): ParameterDecorator =>
  describedInput('optionalBody', type, CheckedBodyOrNone(type));

/**
 * Injects a merge patch (RFC 7396), which may be any JSON object. It is {@link checked} after it is merged.
 *
 * @param type what the resource may be
 */
export const MergePatch = (type: Type<object>): ParameterDecorator =>
  describedInput('patch', type, RawBody());

/** Injects the query, as strictly as the body: a misspelt filter must not list everything. */
export const StrictQuery = (type: Type<object>): ParameterDecorator =>
  describedInput('query', type, CheckedQuery(type));

/**
 * @param input a JSON object; `null` members count as absent
 * @throws Problem naming every wrong member
 */
export function checked<T extends object>(type: Type<T>, input: unknown): T {
  const given = Object.fromEntries(Object.entries(assertObject(input)).filter(([, value]) => value !== null));
  // A name that every object inherits would be taken for a known member, or for the class itself.
  const inherited = Object.keys(given).filter((name) => name in Object.prototype);
  if (inherited.length > 0) throw Problem.invalid(inherited.map((field) => ({ field, problem: UNKNOWN })));
  const value = plainToInstance(type, given);
  const errors = validateSync(value, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) throw Problem.invalid(errors.flatMap((error) => problemsOf(error, '')));
  return value;
}

function problemsOf(
  { property, constraints = {}, children = [] }: ValidationError,
  parent: string,
): FieldProblem[] {
  const name = property.slice(0, MAX_NAME);
  const field = parent === '' ? name : /^\d+$/.test(name) ? `${parent}[${name}]` : `${parent}.${name}`;
  return [
    ...Object.entries(constraints).map(([rule, message]) => ({
      field,
      problem: rule === 'whitelistValidation' ? UNKNOWN : withoutName(message, property),
    })),
    ...children.flatMap((child) => problemsOf(child, field)),
  ];
}

/** The messages of class-validator begin with the name of the property, which `field` says already. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}

function assertObject(input: unknown): object {
  if (typeof input === 'object' && input !== null && !Array.isArray(input) && !Buffer.isBuffer(input))
    return input;
  throw Problem.malformed('The body must be a JSON object');
}
