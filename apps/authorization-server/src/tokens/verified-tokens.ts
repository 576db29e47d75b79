import { createHash } from 'node:crypto';
import type { AccessTokenClaims } from './access-token-claims.js';

/**
 * What was verified of access tokens, because doing it again at each introspection is the largest single cost of it.
 * Only good ones are remembered, so that garbage displaces nothing, and by their digest, so that no token is kept. It
 * belongs to one set of keys: with others it is to be thrown away.
 */
export class VerifiedTokens {
  #young = new Map<string, AccessTokenClaims>();
  #old: ReadonlyMap<string, AccessTokenClaims> = new Map();

  /** @param maxEntries how many are remembered at least before the ones that nobody asks for are forgotten; twice at most */
  constructor(private readonly maxEntries: number) {}

  /** @returns what the token says, expired or not; `null` when it is none of ours */
  read(token: string, verify: (token: string) => AccessTokenClaims | null): AccessTokenClaims | null {
    const digest = createHash('sha256').update(token).digest('base64');
    const young = this.#young.get(digest);
    if (young !== undefined) return young;
    const claims = this.#old.get(digest) ?? verify(token);
    if (claims !== null && claims.exp * 1000 > Date.now()) this.#remember(digest, claims);
    return claims;
  }

  #remember(digest: string, claims: AccessTokenClaims): void {
    if (this.#young.size >= this.maxEntries) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(digest, claims);
  }
}
