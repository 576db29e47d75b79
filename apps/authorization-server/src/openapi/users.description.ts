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
} from '@latchkey/platform/openapi';
import {
  NewUserRequest,
  PasswordRequest,
  UnlockRequest,
  UserChangeRequest,
  UserImportRequest,
  UserListRequest,
} from '../admin/users/user.requests.js';
import { administration, UNKNOWN } from './administration.js';
import { requests, scopeSchema } from './requests.js';

const USER = schemaNamed('User');
const USER_IMPORT = schemaNamed('UserImport');
const CONFLICT = { 409: 'The user name or sub is taken, or a scope is unknown' };

export const usersDescription: ApiDescription = {
  operations: {
    'GET /admin/users': administration('users', {
      id: 'listUsers',
      summary: 'Lists users by name',
      reads: true,
      query: requests.of(UserListRequest),
      answers: { 200: pageOf(USER) },
    }),
    'POST /admin/users': administration('users', {
      id: 'createUser',
      summary: 'Creates a user, with a password or a hash of one',
      body: requests.of(NewUserRequest),
      example: { username: 'erin', password: 'a lantern in the fog', groups: ['staff'] },
      answers: { 201: USER },
      refusals: CONFLICT,
    }),
    'POST /admin/users/import': administration('users', {
      id: 'importUsers',
      summary: 'Creates users, all of them or none',
      body: requests.of(UserImportRequest),
      example: {
        users: [
          {
            username: 'frank',
            password_hash: '$2b$12$abcdefghijklmnopqrstuuPn6DhhM1j0FBTMqFgS2SVoRCGiSfg7W',
            groups: ['staff'],
          },
        ],
        skip_existing: true,
      },
      answers: { 201: USER_IMPORT },
      refusals: CONFLICT,
    }),
    'GET /admin/users/:sub': administration('users', {
      id: 'readUser',
      summary: 'Reads a user',
      reads: true,
      answers: { 200: USER },
      refusals: UNKNOWN,
    }),
    'PATCH /admin/users/:sub': administration('users', {
      id: 'changeUser',
      summary: 'Changes members of a user (RFC 7396)',
      patch: mergePatchSchema(requests.of(UserChangeRequest)),
      example: { groups: ['staff', 'editors'], allowed_scope: null },
      conditional: true,
      answers: { 200: USER },
      refusals: { ...UNKNOWN, ...CONFLICT },
    }),
    'PUT /admin/users/:sub/password': administration('users', {
      id: 'setUserPassword',
      summary: 'Sets the password, which ends all sessions',
      body: requests.of(PasswordRequest),
      example: { password: 'a lantern in the fog', password_change_required: true },
      answers: { 200: USER },
      refusals: UNKNOWN,
    }),
    'POST /admin/users/:sub/disable': administration('users', {
      id: 'disableUser',
      summary: 'Disables a user and ends all sessions, for good',
      answers: { 200: USER },
      refusals: UNKNOWN,
    }),
    'POST /admin/users/:sub/enable': administration('users', {
      id: 'enableUser',
      summary: 'Enables a user',
      answers: { 200: USER },
      refusals: UNKNOWN,
    }),
    'POST /admin/users/:sub/unlock': administration('users', {
      id: 'unlockUser',
      summary: 'Forgets wrong passwords, so that the next attempt need not wait',
      body: requests.of(UnlockRequest),
      optional: true,
      example: { address: '203.0.113.9' },
      answers: { 200: USER },
      refusals: UNKNOWN,
    }),
    'DELETE /admin/users/:sub': administration('users', {
      id: 'deleteUser',
      summary: 'Deletes a user',
      answers: { 204: null },
      refusals: UNKNOWN,
    }),
  },
  schemas: {
    UserImport: objectSchema({ imported: INTEGER }, { skipped: INTEGER, warnings: listOf(TEXT) }),
    Throttled: objectSchema({
      sources: { enum: ['unknown_addresses', 'without_address'] },
      reason: { enum: ['failed_logins'] },
      failed_logins: INTEGER,
      last_failed_at: TIMESTAMP,
      until: TIMESTAMP,
    }),
    User: objectSchema(
      {
        sub: TEXT,
        username: TEXT,
        groups: listOf(TEXT),
        allowed_scope: nullable(scopeSchema),
        password_change_required: BOOLEAN,
        enabled: BOOLEAN,
        last_login_at: nullable(TIMESTAMP),
        created_at: TIMESTAMP,
        updated_at: TIMESTAMP,
      },
      { warnings: listOf(TEXT), throttled: listOf(schemaNamed('Throttled')) },
    ),
  },
};
