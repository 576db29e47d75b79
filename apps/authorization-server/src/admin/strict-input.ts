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
  // Names the members that are missing, where there are some.
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

/** Injects the body as a checked object. Members that are not known are refused: a slip must not be dropped. */
export const StrictBody = (type: Type<object>): ParameterDecorator =>
  describedInput('body', type, CheckedBody(type));

/** The same where the request may have no body, which is then an empty object. */
export const OptionalStrictBody = (type: Type<object>): ParameterDecorator =>
  describedInput('optionalBody', type, CheckedBodyOrNone(type));

/**
 * Injects a merge patch (RFC 7396), any JSON object, to be {@link checked} once it is known what it changes.
 *
 * @param type what the resource may be
 */
export const MergePatch = (type: Type<object>): ParameterDecorator =>
  describedInput('patch', type, RawBody());

/** Injects the query in the same way as the body: a filter with a slip must not list everything. */
export const StrictQuery = (type: Type<object>): ParameterDecorator =>
  describedInput('query', type, CheckedQuery(type));

/**
 * @param input a JSON object; `null` members count as absent
 * @throws Problem naming every wrong member
 */
export function checked<T extends object>(type: Type<T>, input: unknown): T {
  const given = Object.fromEntries(Object.entries(assertObject(input)).filter(([, value]) => value !== null));
  // What every object has would be taken for a member of ours, or pass for the class itself.
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
