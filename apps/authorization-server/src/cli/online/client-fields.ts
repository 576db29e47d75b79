import { GRANT_TYPES, SIGNING_ALGORITHMS } from '@latchkey/contracts';
import { ACCESS_TOKEN_FORMATS, CLIENT_TYPES, REFRESH_TOKEN_POLICIES } from '../../clients/client.js';
import type { Field } from './fields.js';

/** What can be said of a client (RFC 7591 section 2, and extensions of ours). */
export const CLIENT_FIELDS: readonly Field[] = [
  { name: 'client_name', kind: 'text', help: 'name for people (default: the client_id)' },
  { name: 'client_type', kind: 'text', help: CLIENT_TYPES.join(' or '), choices: CLIENT_TYPES },
  { name: 'grant_types', kind: 'list', help: `any of ${GRANT_TYPES.join(', ')}` },
  { name: 'scope', kind: 'words', help: 'scopes that it may ask for, in one argument' },
  { name: 'default_scope', kind: 'words', help: 'scopes that it gets when it asks for none' },
  { name: 'audience', kind: 'list', help: 'APIs that its tokens are for, or what a resource server is' },
  {
    name: 'access_token_format',
    kind: 'text',
    help: ACCESS_TOKEN_FORMATS.join(' or '),
    choices: ACCESS_TOKEN_FORMATS,
  },
  {
    name: 'access_token_signing_alg',
    kind: 'text',
    help: `signature of a JWT: ${SIGNING_ALGORITHMS.join(' or ')}`,
    choices: SIGNING_ALGORITHMS,
  },
  { name: 'access_token_ttl', kind: 'number', help: 'seconds' },
  {
    name: 'refresh_token_policy',
    kind: 'text',
    help: REFRESH_TOKEN_POLICIES.join(', '),
    choices: REFRESH_TOKEN_POLICIES,
  },
  { name: 'refresh_token_max_uses', kind: 'number', help: 'with the policy limited' },
  { name: 'refresh_token_ttl', kind: 'number', help: 'seconds from the login' },
  { name: 'refresh_token_idle_ttl', kind: 'number', help: 'seconds without a refresh' },
  { name: 'refresh_token_grace', kind: 'number', help: 'seconds in which a retry gets the same answer' },
  { name: 'refresh_token_max_retries', kind: 'number', help: 'how often it does (default: always)' },
  { name: 'may_introspect', kind: 'boolean', help: 'it is a resource server' },
  {
    name: 'forwards_end_user_address',
    kind: 'boolean',
    help: 'its Latchkey-Forwarded-For header is believed',
  },
  {
    name: 'password_grant_until',
    kind: 'date',
    help: 'last day of its password grant, as 2027-12-31, or 90d from now',
  },
];
