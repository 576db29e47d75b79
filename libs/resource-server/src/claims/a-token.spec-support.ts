import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from './access-token.js';

/** A good token as the guard remembers it. */
export function aToken(changes: Partial<AccessToken> = {}): AccessToken {
  return {
    subject: 'alice',
    clientId: 'shop',
    scopes: ScopeSet.of(['read']),
    expiresAt: Date.now() + 300_000,
    issuedAt: null,
    issuer: 'https://as.example',
    audience: ['https://api.example'],
    tokenId: null,
    sessionId: 'session',
    username: null,
    groups: [],
    roles: [],
    isOwnerToken: true,
    acr: null,
    amr: [],
    authenticatedAt: null,
    claims: {},
    clientEpoch: 3,
    ownerEpoch: 5,
    ...changes,
  };
}
