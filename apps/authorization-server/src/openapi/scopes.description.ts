import { NamePageRequest } from '@latchkey/platform/http';
import {
  BOOLEAN,
  objectSchema,
  pageOf,
  schemaNamed,
  TEXT,
  type ApiDescription,
} from '@latchkey/platform/openapi';
import {
  NewScopeRequest,
  ScopeDescriptionRequest,
  ScopeListRequest,
} from '../admin/scopes/scope.requests.js';
import { administration, UNKNOWN } from './administration.js';
import { requests } from './requests.js';

const SCOPE = schemaNamed('Scope');
const BUILT_IN = { 409: 'The scope is part of the server' };

export const scopesDescription: ApiDescription = {
  operations: {
    'GET /admin/scopes': administration('scopes', {
      id: 'listScopes',
      summary: 'Lists scopes by name',
      reads: true,
      query: requests.of(ScopeListRequest),
      answers: { 200: pageOf(SCOPE) },
    }),
    'POST /admin/scopes': administration('scopes', {
      id: 'createScope',
      summary: 'Makes a scope',
      body: requests.of(NewScopeRequest),
      example: { name: 'reports:read', description: 'Read reports' },
      answers: { 201: SCOPE },
      refusals: { 409: 'The name is taken or reserved' },
    }),
    'GET /admin/scopes/:name': administration('scopes', {
      id: 'readScope',
      summary: 'Reads a scope',
      reads: true,
      answers: { 200: SCOPE },
      refusals: UNKNOWN,
    }),
    'PUT /admin/scopes/:name': administration('scopes', {
      id: 'describeScope',
      summary: 'Describes a scope anew',
      body: requests.of(ScopeDescriptionRequest),
      example: { description: 'Read the reports of the shop' },
      answers: { 200: SCOPE },
      refusals: { ...UNKNOWN, ...BUILT_IN },
    }),
    'DELETE /admin/scopes/:name': administration('scopes', {
      id: 'deleteScope',
      summary: 'Deletes a scope that nobody uses',
      answers: { 204: null },
      refusals: { ...UNKNOWN, 409: 'Clients or users have it (`used_by`), or it is part of the server' },
    }),
    'GET /admin/scopes/:name/clients': administration('scopes', {
      id: 'listScopeClients',
      summary: 'Lists the clients that may ask for a scope',
      reads: true,
      query: requests.of(NamePageRequest),
      answers: { 200: pageOf(schemaNamed('ScopeClient')) },
      refusals: UNKNOWN,
    }),
    'GET /admin/scopes/:name/clients/:client_id': administration('scopes', {
      id: 'readScopeClient',
      summary: 'Tells whether a client may ask for a scope',
      reads: true,
      answers: { 200: schemaNamed('ScopeClient') },
      refusals: UNKNOWN,
    }),
    'PUT /admin/scopes/:name/clients/:client_id': administration('scopes', {
      id: 'giveScopeToClient',
      summary: 'Lets a client ask for a scope',
      answers: { 204: null },
      refusals: { ...UNKNOWN, 409: 'The client cannot have it' },
    }),
    'DELETE /admin/scopes/:name/clients/:client_id': administration('scopes', {
      id: 'takeScopeFromClient',
      summary: 'Takes a scope from a client',
      answers: { 204: null },
      refusals: { ...UNKNOWN, 409: 'The client cannot be without it' },
    }),
  },
  schemas: {
    Scope: objectSchema({ name: TEXT, description: TEXT, built_in: BOOLEAN }),
    ScopeClient: objectSchema({ client_id: TEXT, client_name: TEXT, enabled: BOOLEAN }),
  },
};
