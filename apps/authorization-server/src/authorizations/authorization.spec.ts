import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { stillAllowed, type AuthorizationState } from './authorization.js';

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
    amr: ['pwd'],
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

const { client, owner } = STATE;

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
