import { describe, expect, it } from '@jest/globals';
import { NOW, STATE } from './a-state.spec-support.js';
import type { AuthorizationState } from './authorization.js';
import { liveAuthorization, stateOf, type AuthorizationStateName } from './liveness.js';

const { authorization, client, owner } = STATE;

describe('stateOf and liveAuthorization', () => {
  it('finds a state alive in which nothing is wrong', () => {
    expect(liveAuthorization(STATE)).toEqual(STATE);
  });

  it('finds nothing alive that is missing', () => {
    expect(liveAuthorization(null)).toBeNull();
  });

  it.each<[string, AuthorizationStateName, AuthorizationState]>([
    ['revoked', 'revoked', { ...STATE, authorization: { ...authorization, revokedAt: NOW - 1 } }],
    ['revoked at time 0', 'revoked', { ...STATE, authorization: { ...authorization, revokedAt: 0 } }],
    ['expired this moment', 'expired', { ...STATE, authorization: { ...authorization, expiresAt: NOW } }],
    ['of a deleted client', 'ended', { ...STATE, client: null }],
    ['of a disabled client', 'ended', { ...STATE, client: { ...client, enabled: false } }],
    ['of an earlier epoch of the client', 'ended', { ...STATE, client: { ...client, epoch: 4 } }],
    ['of a later epoch of the client', 'ended', { ...STATE, client: { ...client, epoch: 2 } }],
    ['of a deleted user', 'ended', { ...STATE, owner: null }],
    ['of a disabled user', 'ended', { ...STATE, owner: { ...owner, enabled: false } }],
    ['of an earlier epoch of the user', 'ended', { ...STATE, owner: { ...owner, epoch: 6 } }],
    ['of a later epoch of the user', 'ended', { ...STATE, owner: { ...owner, epoch: 4 } }],
  ])('finds it dead when it is %s', (_, name, state) => {
    expect(stateOf(state)).toBe(name);
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
