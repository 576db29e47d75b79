import { ScopeSet } from '@latchkey/contracts';
import type { AuthorizationState } from './authorization.js';

export const NOW = 1_000_000;
export const SCOPE = ScopeSet.parse('read write');

/** Of an authorization with which nothing is wrong. */
export const STATE = {
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
