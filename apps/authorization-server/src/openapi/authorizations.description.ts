import {
  BOOLEAN,
  INTEGER,
  listOf,
  nullable,
  objectSchema,
  pageOf,
  schemaNamed,
  TEXT,
  TIMESTAMP,
  type ApiDescription,
} from '@latchkey/platform/openapi';
import {
  AuthorizationListRequest,
  RevocationRequest,
} from '../admin/authorizations/authorization.requests.js';
import { UsageRequest } from '../admin/password-grant-usage/admin-password-grant-usage.controller.js';
import { AUTHORIZATION_STATES } from '../authorizations/authorization-list-repository.js';
import { administration, UNKNOWN } from './administration.js';
import { requests, scopeSchema } from './requests.js';

/** Who is logged in, and who logs in with a password. */
export const authorizationsDescription: ApiDescription = {
  operations: {
    'GET /admin/authorizations': administration('authorizations', {
      id: 'listAuthorizations',
      summary: 'Lists authorizations, newest first',
      reads: true,
      query: requests.of(AuthorizationListRequest),
      answers: { 200: pageOf(schemaNamed('Authorization')) },
    }),
    'POST /admin/authorizations/revoke': administration('authorizations', {
      id: 'revokeAuthorizations',
      summary: 'Ends all authorizations of a user, or all of a client',
      body: requests.of(RevocationRequest),
      example: { user: 'erin' },
      answers: { 204: null },
      refusals: UNKNOWN,
    }),
    'GET /admin/authorizations/:id': administration('authorizations', {
      id: 'readAuthorization',
      summary: 'Reads an authorization',
      reads: true,
      answers: { 200: schemaNamed('Authorization') },
      refusals: UNKNOWN,
    }),
    'DELETE /admin/authorizations/:id': administration('authorizations', {
      id: 'revokeAuthorization',
      summary: 'Ends an authorization',
      answers: { 204: null },
      refusals: UNKNOWN,
    }),
    'GET /admin/password-grant-usage': administration('clients', {
      id: 'listPasswordGrantClients',
      summary: 'Lists the clients that use the password grant, the latest login first',
      reads: true,
      query: requests.of(UsageRequest),
      answers: { 200: pageOf(schemaNamed('ClientUsage')) },
    }),
    'GET /admin/password-grant-usage/:client_id/users': administration('clients', {
      id: 'listPasswordGrantUsers',
      summary: 'Lists the users who log in through a client with their password',
      reads: true,
      query: requests.of(UsageRequest),
      answers: { 200: pageOf(schemaNamed('UserUsage')) },
      refusals: UNKNOWN,
    }),
  },
  schemas: {
    Authorization: objectSchema({
      id: TEXT,
      sub: nullable(TEXT),
      username: nullable(TEXT),
      client_id: nullable(TEXT),
      scope: scopeSchema,
      audience: listOf(TEXT),
      created_at: TIMESTAMP,
      last_used_at: TIMESTAMP,
      expires_at: TIMESTAMP,
      revoked_at: nullable(TIMESTAMP),
      refreshes_left: nullable(INTEGER),
      address: nullable(TEXT),
      state: { enum: AUTHORIZATION_STATES },
    }),
    ClientUsage: objectSchema({
      client_id: TEXT,
      client_name: TEXT,
      enabled: BOOLEAN,
      password_grant_until: nullable({ type: 'string', format: 'date' }),
      users: INTEGER,
      logins: INTEGER,
      last_login_at: TIMESTAMP,
    }),
    UserUsage: objectSchema({ sub: TEXT, username: TEXT, logins: INTEGER, last_login_at: TIMESTAMP }),
  },
};
