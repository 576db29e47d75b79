import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { claimedIssuer } from './trusted-issuers.js';

/**
 * Sends each token to who can judge it: the authorization server that is asked, or the keys of other issuers. The `iss` that
 * chooses is not verified yet; whoever is chosen verifies it.
 */
export class IssuerLookup extends TokenLookup {
  /**
   * @param server the authorization server that is asked
   * @param issuer of that server
   * @param others validates JWTs of other issuers
   */
  constructor(
    private readonly server: TokenLookup,
    private readonly issuer: string | null,
    private readonly others: TokenLookup,
  ) {
    super();
  }

  getCached(text: string): Verdict | undefined {
    return this.server.getCached(text) ?? this.others.getCached(text);
  }

  lookUp(token: string): Verdict | Promise<Verdict> {
    return this.#lookupFor(token).lookUp(token);
  }

  lookUpAgain(token: string): Promise<Verdict> {
    return this.#lookupFor(token).lookUpAgain(token);
  }

  #lookupFor(token: string): TokenLookup {
    const claimed = claimedIssuer(token);
    return claimed === null || claimed === this.issuer ? this.server : this.others;
  }
}
