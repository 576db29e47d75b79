import { hash } from 'node:crypto';
import { memoized } from '@latchkey/platform/caching';
import type { AccessTokenClaims } from './access-token-claims.js';

/** More than there are clients, scopes and audiences in use. */
const MAX_TEXTS = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What was verified of access tokens, because doing it again at each introspection is the largest single cost of it.
 * Only good ones are remembered, so that garbage displaces nothing, and by their digest, so that no token is kept. It
 * belongs to one set of keys: with others it is to be thrown away.
 */
export class VerifiedTokens {
  readonly #share = memoized(MAX_TEXTS, (text) => text);
  #young = new Map<string, AccessTokenClaims>();
  #old: ReadonlyMap<string, AccessTokenClaims> = new Map();

  /** @param maxEntries how many are remembered at least before the ones that nobody asks for are forgotten; twice at most */
  constructor(private readonly maxEntries: number) {}

  /** @returns `null` when it is not remembered, whatever it is */
  recall(token: string): AccessTokenClaims | null {
    return this.#recall(digestOf(token));
  }

  /** @returns what the token says, expired or not; `null` when it is none of ours */
  read(token: string, verify: (token: string) => AccessTokenClaims | null): AccessTokenClaims | null {
    const digest = digestOf(token);
    const remembered = this.#recall(digest);
    if (remembered !== null) return remembered;
    const claims = verify(token);
    if (claims !== null) this.#remember(digest, claims);
    return claims;
  }

  #recall(digest: string): AccessTokenClaims | null {
    const young = this.#young.get(digest);
    if (young !== undefined) return young;
    const old = this.#old.get(digest);
    if (old === undefined) return null;
    this.#remember(digest, old);
    return old;
  }

  #remember(digest: string, claims: AccessTokenClaims): void {
    if (claims.exp * 1000 <= Date.now()) return;
    this.#shareTexts(claims);
    if (this.#young.size >= this.maxEntries) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(digest, claims);
  }

  /** What many tokens say is kept once, not once for each. */
  #shareTexts(claims: Mutable<AccessTokenClaims>): void {
    claims.iss = this.#share(claims.iss);
    claims.client_id = this.#share(claims.client_id);
    claims.scope = this.#share(claims.scope);
    if (typeof claims.aud === 'string') claims.aud = this.#share(claims.aud);
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
