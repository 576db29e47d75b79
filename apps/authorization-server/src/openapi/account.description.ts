import { PageRequest } from '@latchkey/platform/http';
import {
  BOOLEAN,
  nullable,
  objectSchema,
  pageOf,
  RequestSchemas,
  schemaNamed,
  TEXT,
  TIMESTAMP,
  type ApiDescription,
  type DescribedAnswer,
  type Operation,
} from '@latchkey/platform/openapi';
import { ChangePasswordRequest } from '../account/change-password.request.js';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import { refusal } from './oauth.description.js';
import { scopeSchema } from './requests.js';

const requests = new RequestSchemas(false);
const security: Operation['security'] = [{ bearer: [ACCOUNT_SCOPE] }];

const REFUSALS: Record<number, DescribedAnswer> = {
  400: refusal('The request is malformed'),
  401: refusal('The token is missing, unknown, expired or for somebody else'),
  403: refusal('The token is no resource owner’s, or lacks the scope'),
  503: refusal('The server is busy, or its database does not answer'),
};
const BODY_REFUSALS = { ...REFUSALS, 413: refusal('The body is too large') };

/** See `AccountController`. */
export const accountDescription: ApiDescription = {
  operations: {
    'GET /account/authorizations': {
      id: 'listOwnAuthorizations',
      summary: 'Lists the own logins, newest first',
      security,
      query: requests.of(PageRequest),
      answers: { 200: { description: 'Done', schema: pageOf(schemaNamed('OwnAuthorization')) }, ...REFUSALS },
    },
    'DELETE /account/authorizations/:id': {
      id: 'revokeOwnAuthorization',
      summary: 'Ends a login',
      security,
      answers: {
        204: { description: 'Done' },
        ...BODY_REFUSALS,
        404: refusal('The owner has no such login'),
      },
    },
    'PUT /account/password': {
      id: 'changeOwnPassword',
      summary: 'Changes the password, which ends all logins',
      security,
      body: {
        types: ['application/json'],
        schema: requests.of(ChangePasswordRequest),
        required: true,
        example: { current_password: 'a lantern in the fog', new_password: 'a lantern on the shore' },
      },
      answers: { 204: { description: 'Done' }, ...BODY_REFUSALS },
    },
  },
  schemas: {
    OwnAuthorization: objectSchema({
      id: TEXT,
      client_id: TEXT,
      client_name: TEXT,
      scope: scopeSchema,
      created_at: TIMESTAMP,
      refreshed_at: nullable(TIMESTAMP),
      expires_at: TIMESTAMP,
      address: nullable(TEXT),
      current: BOOLEAN,
    }),
  },
};
