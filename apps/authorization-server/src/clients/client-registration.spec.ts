import { expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { REGISTRATION } from './a-registration.spec-support.js';
import type { ClientRegistration } from './client-fields.js';
import { MAX_AUDIENCE_LENGTH, MAX_SCOPE_LENGTH, registrationProblems } from './client-registration-rules.js';

const SCOPES = new Set(['read', 'write', 'admin:users']);

const fieldsOf = (changes: Partial<ClientRegistration>): string[] =>
  registrationProblems({ ...REGISTRATION, ...changes }, SCOPES).map(({ field }) => field);

it('bounds what a token would carry', () => {
  const longest = ['s'.repeat(MAX_SCOPE_LENGTH)];
  const sizesOf = (names: string[], audience: string[]) =>
    registrationProblems(
      { ...REGISTRATION, scope: ScopeSet.of(names), defaultScope: null, audience },
      new Set(names),
    );
  expect(sizesOf(longest, ['a'.repeat(MAX_AUDIENCE_LENGTH - 4)])).toEqual([]);
  expect(sizesOf([...longest, 's'], ['a'.repeat(MAX_AUDIENCE_LENGTH - 3)])).toEqual([
    { field: 'scope', problem: `must have at most ${MAX_SCOPE_LENGTH} characters` },
    { field: 'audience', problem: `must have at most ${MAX_AUDIENCE_LENGTH} characters as a JSON list` },
  ]);
});

const PUBLIC = { clientType: 'public', grantTypes: ['refresh_token'] } as const;

it.each<[string, Partial<ClientRegistration>]>([
  ['as it is', {}],
  ['without a default scope', { defaultScope: null }],
  ['with the policy none', { refreshTokenPolicy: 'none' }],
  ['with the policy limited and a number', { refreshTokenPolicy: 'limited', refreshTokenMaxUses: 3 }],
  ['public, without secrets to keep', PUBLIC],
  [
    'a resource server',
    {
      grantTypes: [],
      refreshTokenPolicy: 'none',
      mayIntrospect: true,
      scope: ScopeSet.EMPTY,
      defaultScope: null,
    },
  ],
  [
    'an administrator',
    {
      grantTypes: ['client_credentials'],
      refreshTokenPolicy: 'none',
      scope: ScopeSet.parse('admin:users'),
      defaultScope: null,
    },
  ],
])('has nothing against a client %s', (_, changes) => {
  expect(fieldsOf(changes)).toEqual([]);
});

it.each<[Partial<ClientRegistration>, string[]]>([
  [{ ...PUBLIC, grantTypes: ['password', 'refresh_token'] }, ['grant_types']],
  [{ ...PUBLIC, grantTypes: ['refresh_token', 'client_credentials'] }, ['grant_types']],
  [{ ...PUBLIC, mayIntrospect: true }, ['may_introspect']],
  [{ ...PUBLIC, forwardsEndUserAddress: true }, ['forwards_end_user_address']],
  [{ audience: [] }, ['audience']],
  [{ scope: ScopeSet.parse('read nothing') }, ['scope']],
  [{ defaultScope: ScopeSet.parse('read admin:users') }, ['default_scope']],
  [{ scope: ScopeSet.parse('read admin:users') }, ['scope']],
  [{ grantTypes: ['password'] }, ['refresh_token_policy']],
  [{ refreshTokenPolicy: 'limited' }, ['refresh_token_max_uses']],
  [{ refreshTokenMaxUses: 3 }, ['refresh_token_max_uses']],
  [
    { audience: [], scope: ScopeSet.parse('read x'), refreshTokenPolicy: 'limited' },
    ['audience', 'scope', 'refresh_token_max_uses'],
  ],
])('%j: names %j', (changes, fields) => {
  expect(fieldsOf(changes)).toEqual(fields);
});
