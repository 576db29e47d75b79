import { MERGE_PATCH } from '@latchkey/platform/http';
import {
  schemaNamed,
  type DescribedAnswer,
  type JsonSchema,
  type Operation,
} from '@latchkey/platform/openapi';
import type { AdministrativeArea } from '../scopes/reserved-scope.js';

interface AdministrativeOperation {
  readonly id: string;
  readonly summary: string;
  /** Whether the scope `admin:AREA:read` is enough. */
  readonly reads?: boolean;
  readonly query?: JsonSchema;
  /** A JSON object. */
  readonly body?: JsonSchema;
  /** A JSON merge patch. */
  readonly patch?: JsonSchema;
  /** Of the body or patch. */
  readonly example?: object;
  /** Whether the request may do without a body. */
  readonly optional?: boolean;
  /** Whether `If-Match` must say what is changed. */
  readonly conditional?: boolean;
  /** What a success looks like: `null` for an empty one. */
  readonly answers: Readonly<Record<number, JsonSchema | null>>;
  /** What the answer has here beside the members that it always has. */
  readonly answerExample?: object;
  /** How it may be refused, beside what refuses every request. */
  readonly refusals?: Readonly<Record<number, string>>;
}

const REFUSALS = {
  400: 'Members or parameters are wrong, or the body is malformed; `errors` names them',
  401: 'The token is missing, unknown, expired or for somebody else',
  403: 'The token lacks the scope that the request takes',
  503: 'The server is busy, or its database does not answer',
};

const BODY_REFUSALS = { 413: 'The body is too large', 415: 'The body is not JSON' };

const CONDITION_REFUSALS = {
  412: 'It was changed meanwhile',
  428: 'If-Match is missing',
};

export const UNKNOWN = { 404: 'There is no such thing' };

/** An operation of the administration API. */
export function administration(area: AdministrativeArea, operation: AdministrativeOperation): Operation {
  const { id, summary, reads = false, query, body, patch, conditional = false } = operation;
  const { example = {}, optional = false, answers, answerExample, refusals } = operation;
  const required = !optional;
  const scopes = reads ? [`admin:${area}:read`] : [`admin:${area}`];
  const all = {
    ...REFUSALS,
    ...(!reads && BODY_REFUSALS),
    ...(conditional && CONDITION_REFUSALS),
    ...refusals,
  };
  return {
    id,
    summary,
    security: [{ bearer: scopes }],
    ...(query && { query }),
    ...(conditional && { headers: { 'If-Match': 'The ETag of what is changed' } }),
    ...(body && { body: { types: ['application/json'], schema: body, required, example } }),
    ...(patch && { body: { types: [MERGE_PATCH, 'application/json'], schema: patch, required, example } }),
    answers: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [status, success(schema, answerExample)]),
      ),
      ...Object.fromEntries(Object.entries(all).map(([status, why]) => [status, problem(why)])),
    },
  };
}

function success(schema: JsonSchema | null, example: object | undefined): DescribedAnswer {
  if (schema === null) return { description: 'Done' };
  return { description: 'Done', schema, ...(example && { example }) };
}

function problem(description: string): DescribedAnswer {
  return { description, schema: schemaNamed('Problem'), type: 'application/problem+json' };
}
