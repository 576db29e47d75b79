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

/** The parts of the API description (OpenAPI 3.1) beside the endpoints, which controllers describe. */
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
  // The guard library serves it if the audience is a URL, under the path of this URL (RFC 9728 section 3.1).
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
