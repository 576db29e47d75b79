import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { claimedIssuer } from './trusted-issuers.js';

/**
 * Selects by the `iss` of a token who checks it: the authorization server, or the keys of other issuers. The `iss` is
 * not verified at this point; the selected one verifies it.
 */
export class IssuerLookup extends TokenLookup {
  /**
   * @param server the authorization server with introspection
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
