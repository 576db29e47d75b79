import { assertIsToken, type AccessToken } from '../claims/access-token.js';
import type { TokenIntrospector } from '../options/token-introspector.js';
import { Refusal } from '../refusals/refusal.js';

/** A valid token, or why it is not valid here. */
export type Verdict = AccessToken | Refusal;

/** Finds out whether a token is valid, and what it grants. */
export abstract class TokenLookup {
  /**
   * Returns the cached verdict, without a request to the authorization server.
   *
   * @param text the credentials of a request; their syntax need not be checked, because only valid tokens are cached
   * @returns `undefined` when {@link lookUp} has to be used
   */
  abstract getCached(text: string): Verdict | undefined;

  /** @throws IntrospectionUnavailableError when the authorization server could not be asked */
  abstract lookUp(token: string): Verdict | Promise<Verdict>;

  /**
   * Looks the token up again, whatever is cached.
   *
   * @throws IntrospectionUnavailableError when the authorization server could not be asked
   */
  abstract lookUpAgain(token: string): Promise<Verdict>;
}

/** Uses an introspector that gives no reasons, such as one of the application. */
export class PlainLookup extends TokenLookup {
  constructor(private readonly introspector: TokenIntrospector) {
    super();
  }

  getCached(): undefined {
    return undefined;
  }

  lookUp(token: string): Promise<Verdict> {
    return this.lookUpAgain(token);
  }

  async lookUpAgain(token: string): Promise<Verdict> {
    const answer = await this.introspector.introspect(token);
    assertIsToken(answer);
    return answer ?? new Refusal('inactive');
  }
}
