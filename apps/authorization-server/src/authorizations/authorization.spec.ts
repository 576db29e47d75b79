import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { SCOPE, STATE } from './a-state.spec-support.js';
import { stillAllowed } from './authorization.js';

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
