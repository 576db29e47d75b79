import { INTEGER, listOf, objectSchema, TEXT, type ApiDescription } from '@latchkey/platform/openapi';

/** See `ProblemDetails` and `OAuthErrorResponse`. */
export const errorDescription: ApiDescription = {
  operations: {},
  schemas: {
    Problem: objectSchema(
      { type: { const: 'about:blank' }, title: TEXT, status: INTEGER, code: TEXT, detail: TEXT },
      {
        errors: listOf(objectSchema({ field: TEXT, problem: TEXT })),
        used_by: objectSchema({ clients: listOf(TEXT), users: listOf(TEXT) }),
      },
    ),
    Error: objectSchema({ error: TEXT }, { error_description: TEXT, scope: TEXT }),
  },
};
