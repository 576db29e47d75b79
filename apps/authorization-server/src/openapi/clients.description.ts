import {
  BOOLEAN,
  INTEGER,
  listOf,
  mergePatchSchema,
  nullable,
  objectSchema,
  pageOf,
  schemaNamed,
  TEXT,
  TIMESTAMP,
  type ApiDescription,
  type JsonSchema,
} from '@latchkey/platform/openapi';
import {
  ClientListRequest,
  ClientRequest,
  NewClientRequest,
  NewSecretRequest,
  SecretDeletionRequest,
} from '../admin/clients/client.requests.js';
import { mapToNames, type ClientField } from '../clients/client-fields.js';
import { administration, UNKNOWN } from './administration.js';
import { requests, scopeSchema } from './requests.js';

const CLIENT = schemaNamed('Client');
const EXAMPLE_SECRET = 'q3bWkfKc0T5u8mZ2xv7LhYd1nRsEoJ4pAa6Gt9CiUwM';
const REPLACEMENT = {
  client_name: 'Reports',
  grant_types: ['password'],
  scope: 'resources:read',
  audience: ['https://api.example.com/'],
};
const CONFLICT = { 409: 'The client cannot be so: the name is taken, or a scope is unknown' };
/** The path says which client it is. */
const replacement = { ...requests.of(ClientRequest), required: [] };

export const clientsDescription: ApiDescription = {
  operations: {
    'GET /admin/clients': administration('clients', {
      id: 'listClients',
      summary: 'Lists clients by client_id',
      reads: true,
      query: requests.of(ClientListRequest),
      answers: { 200: pageOf(CLIENT) },
    }),
    'POST /admin/clients': administration('clients', {
      id: 'createClient',
      summary: 'Registers a client; the answer has its secret, once',
      body: requests.of(NewClientRequest),
      example: {
        client_id: 'reports',
        client_name: 'Reports',
        grant_types: ['password', 'refresh_token'],
        scope: 'resources:read',
        default_scope: 'resources:read',
        audience: ['https://api.example.com/'],
      },
      answers: { 201: CLIENT },
      answerExample: { client_secret: EXAMPLE_SECRET },
      refusals: CONFLICT,
    }),
    'GET /admin/clients/:client_id': administration('clients', {
      id: 'readClient',
      summary: 'Reads a client',
      reads: true,
      answers: { 200: CLIENT },
      refusals: UNKNOWN,
    }),
    'PUT /admin/clients/:client_id': administration('clients', {
      id: 'replaceClient',
      summary: 'Replaces what is registered about a client; what is left out gets its default',
      body: replacement,
      example: REPLACEMENT,
      conditional: true,
      answers: { 200: CLIENT },
      refusals: { ...UNKNOWN, ...CONFLICT },
    }),
    'PATCH /admin/clients/:client_id': administration('clients', {
      id: 'changeClient',
      summary: 'Changes members of a client (RFC 7396)',
      patch: mergePatchSchema(replacement),
      example: { client_name: 'Reports of the shop', access_token_ttl: 300, refresh_token_ttl: null },
      conditional: true,
      answers: { 200: CLIENT },
      refusals: { ...UNKNOWN, ...CONFLICT },
    }),
    'POST /admin/clients/:client_id/disable': administration('clients', {
      id: 'disableClient',
      summary: 'Disables a client and ends all its tokens, for good',
      answers: { 200: CLIENT },
      refusals: UNKNOWN,
    }),
    'POST /admin/clients/:client_id/enable': administration('clients', {
      id: 'enableClient',
      summary: 'Enables a client; its old tokens stay dead',
      answers: { 200: CLIENT },
      refusals: UNKNOWN,
    }),
    'DELETE /admin/clients/:client_id': administration('clients', {
      id: 'deleteClient',
      summary: 'Deletes a client',
      answers: { 204: null },
      refusals: UNKNOWN,
    }),
    'GET /admin/clients/:client_id/secrets': administration('clients', {
      id: 'listClientSecrets',
      summary: 'Lists the secrets of a client, but not what they are',
      reads: true,
      answers: { 200: objectSchema({ data: listOf(schemaNamed('ClientSecret')) }) },
      refusals: UNKNOWN,
    }),
    'POST /admin/clients/:client_id/secrets': administration('clients', {
      id: 'addClientSecret',
      summary: 'Adds a secret; the answer has it, once',
      body: requests.of(NewSecretRequest),
      optional: true,
      example: { expire_others_at: '2027-01-31T12:00:00Z' },
      answers: { 201: schemaNamed('ClientSecret') },
      answerExample: { client_secret: EXAMPLE_SECRET },
      refusals: { ...UNKNOWN, 409: 'The client is public, or has as many secrets as it may' },
    }),
    'DELETE /admin/clients/:client_id/secrets/:id': administration('clients', {
      id: 'deleteClientSecret',
      summary: 'Deletes a secret and ends all tokens of the client',
      query: requests.of(SecretDeletionRequest),
      answers: { 204: null },
      refusals: { ...UNKNOWN, 409: 'It is the only secret, and `force` is not true' },
    }),
  },
  schemas: {
    Client: objectSchema(
      {
        client_id: TEXT,
        ...mapToNames(schemaOf),
        enabled: BOOLEAN,
        created_at: TIMESTAMP,
        updated_at: TIMESTAMP,
      },
      { client_secret: TEXT, warnings: listOf(TEXT) },
    ),
    ClientSecret: objectSchema(
      { id: TEXT, created_at: TIMESTAMP, expires_at: nullable(TIMESTAMP), last_used_at: nullable(TIMESTAMP) },
      { client_secret: TEXT, warnings: listOf(TEXT) },
    ),
  },
};

function schemaOf(field: ClientField): JsonSchema {
  const schema = schemaOfType(field);
  return 'nullable' in field || field.type === 'scope' ? nullable(schema) : schema;
}

function schemaOfType(field: ClientField): JsonSchema {
  switch (field.type) {
    case 'text':
      return TEXT;
    case 'choice':
      return { enum: field.choices };
    case 'choices':
      return listOf({ enum: field.choices });
    case 'audience':
      return listOf(TEXT);
    case 'scope':
      return scopeSchema;
    case 'integer':
      return INTEGER;
    case 'boolean':
      return BOOLEAN;
    case 'date':
      return { type: 'string', format: 'date' };
  }
}
