import {
  listOf,
  named,
  objectSchema,
  packageVersion,
  TEXT,
  type OpenApiOptions,
} from '@latchkey/platform/openapi';

const METADATA = named(
  'Metadata',
  objectSchema(
    { resource: TEXT, bearer_methods_supported: listOf({ const: 'header' }) },
    { authorization_servers: listOf(TEXT), scopes_supported: listOf(TEXT) },
  ),
);

/** What the description of the API (OpenAPI 3.1) has beside the endpoints, which their controllers describe. */
export const API_DESCRIPTION: OpenApiOptions = {
  title: 'Latchkey sample resource server',
  version: packageVersion(import.meta.url),
  url: 'http://localhost:3001',
  description:
    'A small API that takes tokens of the authorization server. Unknown members of requests are dropped.',
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', description: 'An access token with the scopes that are named' },
  },
  examples: {
    authorization_servers: ['https://id.example.com'],
    content: 'We met on Monday.',
    id: '0193a3b2-2222-7abc-8def-0123456789ab',
    name: 'Minutes',
    next_cursor: null,
    owner: '0193a3b2-1111-7abc-8def-0123456789ab',
    resource: 'https://api.example.com/',
    scopes_supported: ['resources:read', 'resources:write'],
    sub: '0193a3b2-1111-7abc-8def-0123456789ab',
  },
  // Served by the guard library where the audience is a URL, below whose path it then is (RFC 9728 section 3.1).
  morePaths: {
    '/.well-known/oauth-protected-resource': {
      get: {
        operationId: 'readMetadata',
        tags: ['Metadata'],
        summary: 'Where tokens for this API come from, and which scopes it knows (RFC 9728)',
        security: [],
        parameters: [],
        responses: {
          200: {
            description: 'The metadata',
            content: {
              'application/json': {
                schema: METADATA,
                example: { resource: 'https://api.example.com/', bearer_methods_supported: ['header'] },
              },
            },
          },
        },
      },
    },
  },
};
