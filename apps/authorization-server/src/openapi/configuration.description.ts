import {
  listOf,
  nullable,
  objectSchema,
  schemaNamed,
  TEXT,
  type ApiDescription,
  type JsonSchema,
} from '@latchkey/platform/openapi';
import {
  ApplyClientsRequest,
  ApplyScopesRequest,
  ApplyUsersRequest,
} from '../admin/configuration/configuration.requests.js';
import type { AdministrativeArea } from '../scopes/reserved-scope.js';
import { administration } from './administration.js';
import { requests } from './requests.js';

const CHANGES = schemaNamed('ConfigurationChanges');

export const configurationDescription: ApiDescription = {
  operations: {
    'POST /admin/configuration/scopes': apply('scopes', 'Scopes', requests.of(ApplyScopesRequest), {
      name: 'reports:read',
      description: 'Read reports',
    }),
    'POST /admin/configuration/clients': apply('clients', 'Clients', requests.of(ApplyClientsRequest), {
      client_id: 'reports',
      client_secret_hash: '$sha256$47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
      grant_types: ['client_credentials'],
      audience: ['https://api.example.com/'],
    }),
    'POST /admin/configuration/users': apply('users', 'Users', requests.of(ApplyUsersRequest), {
      username: 'grace',
      password: 'a lantern in the fog',
      groups: ['staff'],
    }),
  },
  schemas: {
    ConfigurationChanges: objectSchema({
      changes: listOf(
        objectSchema(
          {
            kind: { enum: ['scope', 'client', 'user'] },
            name: TEXT,
            action: { enum: ['create', 'update', 'keep', 'unchanged'] },
            fields: listOf({ type: 'object' }),
            note: nullable(TEXT),
          },
          { warning: TEXT },
        ),
      ),
    }),
  },
};

function apply(list: AdministrativeArea, name: string, body: JsonSchema, entry: object) {
  return administration(list, {
    id: `apply${name}`,
    summary: `Applies ${list} of a configuration file, all of the request or nothing`,
    body,
    example: { [list]: [entry], dry_run: true },
    answers: { 200: CHANGES },
  });
}
