import { PageRequest } from '@latchkey/platform/http';
import {
  healthDescription,
  listOf,
  objectSchema,
  openApiDocument,
  packageVersion,
  pageOf,
  RequestSchemas,
  schemaNamed,
  TEXT,
  TIMESTAMP,
  type ApiDescription,
  type DescribedAnswer,
  type JsonSchema,
  type Operation,
} from '@latchkey/platform/openapi';
import { PermissionsRequest } from '../resources/dto/permissions.request.js';
import { ResourceRequest } from '../resources/dto/resource.request.js';

const requests = new RequestSchemas(false);
const RESOURCE = schemaNamed('Resource');
const PERMISSIONS = schemaNamed('Permissions');

function refusal(description: string): DescribedAnswer {
  return { description, schema: schemaNamed('Error') };
}

interface ResourceOperation extends Pick<Operation, 'id' | 'summary' | 'query'> {
  readonly scope: 'resources:read' | 'resources:write';
  readonly body?: JsonSchema;
  readonly example?: object;
  readonly success: Record<number, JsonSchema | null>;
  readonly refusals?: Record<number, string>;
}

function operation(described: ResourceOperation): Operation {
  const { id, summary, query, scope, body, example = {}, success, refusals = {} } = described;
  const all = {
    400: 'The request is malformed',
    401: 'The token is missing, unknown, expired or for somebody else',
    403: 'The token is no resource owner’s, or lacks the scope; or the owner may only read this',
    ...(scope === 'resources:write' && { 413: 'The body is too large' }),
    503: 'The database or the authorization server does not answer',
    ...refusals,
  };
  return {
    id,
    summary,
    security: [{ bearer: [scope] }],
    ...(query && { query }),
    ...(body && { body: { types: ['application/json'], schema: body, required: true, example } }),
    answers: {
      ...Object.fromEntries(
        Object.entries(success).map(([status, schema]) => [
          status,
          { description: 'Done', ...(schema && { schema }) },
        ]),
      ),
      ...Object.fromEntries(Object.entries(all).map(([status, why]) => [status, refusal(why)])),
    },
  };
}

const UNKNOWN = { 404: 'There is no such resource, or the owner may not know of it' };

const resources: ApiDescription = {
  operations: {
    'GET /resources': operation({
      id: 'listResources',
      summary: 'Lists what the owner has or may read',
      scope: 'resources:read',
      query: requests.of(PageRequest),
      success: { 200: pageOf(RESOURCE) },
    }),
    'POST /resources': operation({
      id: 'createResource',
      summary: 'Makes a resource',
      scope: 'resources:write',
      body: requests.of(ResourceRequest),
      example: { name: 'Minutes', content: 'We met on Monday.' },
      success: { 201: RESOURCE },
    }),
    'GET /resources/:id': operation({
      id: 'readResource',
      summary: 'Reads a resource',
      scope: 'resources:read',
      success: { 200: RESOURCE },
      refusals: UNKNOWN,
    }),
    'PUT /resources/:id': operation({
      id: 'replaceResource',
      summary: 'Replaces a resource',
      scope: 'resources:write',
      body: requests.of(ResourceRequest),
      example: { name: 'Minutes', content: 'We met on Monday.' },
      success: { 200: RESOURCE },
      refusals: UNKNOWN,
    }),
    'DELETE /resources/:id': operation({
      id: 'deleteResource',
      summary: 'Deletes a resource',
      scope: 'resources:write',
      success: { 204: null },
      refusals: UNKNOWN,
    }),
    'PUT /resources/:id/permissions': operation({
      id: 'setPermissions',
      summary: 'Says who else may read or write a resource; replaces what was said before',
      scope: 'resources:write',
      body: PERMISSIONS,
      example: { permissions: [{ sub: '0193a3b2-1111-7abc-8def-0123456789ab', access: 'read' }] },
      success: { 200: PERMISSIONS },
      refusals: UNKNOWN,
    }),
  },
  schemas: {
    Resource: objectSchema({
      id: TEXT,
      name: TEXT,
      content: TEXT,
      owner: TEXT,
      created_at: TIMESTAMP,
      updated_at: TIMESTAMP,
    }),
    Permissions: requests.of(PermissionsRequest),
    Error: objectSchema({ error: TEXT }, { error_description: TEXT, scope: TEXT }),
  },
};

/** Served by the guard library where the audience is a URL, below whose path it then is (RFC 9728 section 3.1). */
const metadata: ApiDescription = {
  operations: {
    'GET /.well-known/oauth-protected-resource': {
      id: 'readMetadata',
      summary: 'Where tokens for this API come from, and which scopes it knows (RFC 9728)',
      security: [],
      answers: { 200: { description: 'The metadata', schema: schemaNamed('Metadata') } },
    },
  },
  schemas: {
    Metadata: objectSchema(
      { resource: TEXT, bearer_methods_supported: listOf({ const: 'header' }) },
      { authorization_servers: listOf(TEXT), scopes_supported: listOf(TEXT) },
    ),
  },
};

/** All that the sample resource server offers (OpenAPI 3.1). */
export const resourceServerDocument = openApiDocument({
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
  parts: {
    Resources: resources,
    Metadata: metadata,
    Health: healthDescription(refusal('')),
  },
});
