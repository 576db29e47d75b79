import { STATUS_CODES } from 'node:http';
import {
  INTEGER,
  listOf,
  named,
  objectSchema,
  oneOf,
  TEXT,
  type Schema,
  type TypeOf,
} from '@latchkey/platform/openapi';
import type { FieldProblem } from '../clients/client-registration-rules.js';

/** What a program can distinguish refusals by, beside the status. */
export type ProblemCode =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'in_use'
  | 'changed_meanwhile'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'precondition_required'
  | 'temporarily_unavailable'
  | 'server_error';

/** A refusal of the administration API on the wire (RFC 9457). */
export const PROBLEM = named(
  'Problem',
  objectSchema(
    {
      type: oneOf('about:blank'),
      title: TEXT,
      status: INTEGER,
      code: TEXT as Schema<ProblemCode>,
      detail: TEXT,
    },
    {
      // Every wrong field of a request, by its name on the wire.
      errors: listOf(objectSchema({ field: TEXT, problem: TEXT })),
      // What uses a scope and prevents its deletion.
      used_by: objectSchema({ clients: listOf(TEXT), users: listOf(TEXT) }),
    },
  ),
);

type ProblemDetails = TypeOf<typeof PROBLEM>;

type Extensions = Pick<ProblemDetails, 'errors' | 'used_by'>;

/** A refusal of the administration API. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: ProblemCode,
    readonly detail: string,
    private readonly extensions: Extensions = {},
    /** Sent with the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    super(`${code}: ${detail}`, { cause });
  }

  /** Names every wrong field. */
  static invalid(errors: readonly FieldProblem[]): Problem {
    return new Problem(400, 'invalid_request', 'Some members of the request are wrong', { errors });
  }

  static malformed(detail: string): Problem {
    return new Problem(400, 'invalid_request', detail);
  }

  static notFound(what: string): Problem {
    return new Problem(404, 'not_found', `There is no such ${what}`);
  }

  static conflict(field: string, problem: string): Problem {
    return new Problem(409, 'conflict', `${field}: ${problem}`, { errors: [{ field, problem }] });
  }

  /** Names everything that is taken. @param errors at least one */
  static conflicts(errors: readonly FieldProblem[]): Problem {
    const [first, ...others] = errors;
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return new Problem(409, 'conflict', `${first?.field}: ${first?.problem}${more}`, { errors });
  }

  toResponse(): ProblemDetails {
    const { status, code, detail } = this;
    return {
      // RFC 9457 section 4.2.1: the title is then that of the status.
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code,
      detail,
      ...this.extensions,
    };
  }
}
