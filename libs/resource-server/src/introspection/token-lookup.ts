import { assertIsToken, type AccessToken } from '../claims/access-token.js';
import type { TokenIntrospector } from '../options/token-introspector.js';
import { Refusal } from '../refusals/refusal.js';

/** A good token, or why it is not good here. */
export type Verdict = AccessToken | Refusal;

/** Finds out what a token is good for. */
export abstract class TokenLookup {
  /**
   * What is known without a question to the authorization server.
   *
   * @param text what a request carries; only what was found to be a token once is known, so its syntax need not be checked before
   * @returns `undefined` when {@link lookUp} has to be used
   */
  abstract getCached(text: string): Verdict | undefined;

  /** @throws IntrospectionUnavailableError when the authorization server could not be asked */
  abstract lookUp(token: string): Verdict | Promise<Verdict>;

  /**
   * Asks anew, whatever is remembered.
   *
   * @throws IntrospectionUnavailableError when the authorization server could not be asked
   */
  abstract lookUpAgain(token: string): Promise<Verdict>;
}

/** Asks an introspector that says no more than yes or no, such as one of the application. */
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
