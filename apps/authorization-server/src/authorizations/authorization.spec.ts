import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { liveAuthorization, stillAllowed, type AuthorizationState } from './authorization.js';

const NOW = 1_000_000;
const SCOPE = ScopeSet.parse('read write');

const STATE = {
  authorization: {
    id: '01890000-0000-7000-8000-000000000000',
    clientKey: 1,
    clientEpoch: 3,
    userKey: 2,
    userEpoch: 5,
    scope: SCOPE,
    audience: ['https://api.example.com/'],
    address: null,
    seed: null,
    generation: 0,
    createdAt: NOW - 1000,
    rotatedAt: null,
    rotatedFrom: null,
    retries: 0,
    expiresAt: NOW + 1,
    revokedAt: null,
  },
  client: { clientId: 'shop', scope: SCOPE, audience: ['https://api.example.com/'], epoch: 3, enabled: true },
  owner: { sub: 's', username: 'u', groups: [], allowedScope: null, epoch: 5, enabled: true },
  now: NOW,
} satisfies AuthorizationState;

const { authorization, client, owner } = STATE;

describe('liveAuthorization', () => {
  it('finds a state alive in which nothing is wrong', () => {
    expect(liveAuthorization(STATE)).toEqual(STATE);
  });

  it.each<[string, AuthorizationState | null]>([
    ['missing', null],
    ['revoked', { ...STATE, authorization: { ...authorization, revokedAt: NOW - 1 } }],
    ['revoked at time 0', { ...STATE, authorization: { ...authorization, revokedAt: 0 } }],
    ['expired this moment', { ...STATE, authorization: { ...authorization, expiresAt: NOW } }],
    ['of a deleted client', { ...STATE, client: null }],
    ['of a disabled client', { ...STATE, client: { ...client, enabled: false } }],
    ['of an earlier epoch of the client', { ...STATE, client: { ...client, epoch: 4 } }],
    ['of a later epoch of the client', { ...STATE, client: { ...client, epoch: 2 } }],
    ['of a deleted user', { ...STATE, owner: null }],
    ['of a disabled user', { ...STATE, owner: { ...owner, enabled: false } }],
    ['of an earlier epoch of the user', { ...STATE, owner: { ...owner, epoch: 6 } }],
    ['of a later epoch of the user', { ...STATE, owner: { ...owner, epoch: 4 } }],
  ])('finds it dead when it is %s', (_, state) => {
    expect(liveAuthorization(state)).toBeNull();
  });

  it("needs no user for a client's own authorization", () => {
    const own = {
      ...STATE,
      authorization: { ...authorization, userKey: null, userEpoch: null },
      owner: null,
    };
    expect(liveAuthorization(own)).toEqual(own);
  });
});

describe('stillAllowed', () => {
  const allowed = (clientScope: string, ownerScope: string | null): string =>
    stillAllowed(SCOPE, {
      ...STATE,
      client: { ...client, scope: ScopeSet.parse(clientScope) },
      owner: { ...owner, allowedScope: ownerScope === null ? null : ScopeSet.parse(ownerScope) },
    }).toString();

  it.each([
    ['read write more', null, 'read write'],
    ['read', null, 'read'],
    ['read write', 'write', 'write'],
    ['read', 'write', ''],
    ['readwrite', null, ''],
  ])('client %j, owner %j: %j', (clientScope, ownerScope, expected) => {
    expect(allowed(clientScope, ownerScope)).toBe(expected);
  });
});
