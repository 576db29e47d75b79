import type { AccessToken } from '../bearer/access-token.js';

/** What is known of tokens, without asking anybody. */
export abstract class KnownTokens {
  /**
   * @param text what a request carries; only what was found to be a token once is known, so nobody need look at it before
   * @returns `null` for a token that is known to be good for nothing, `undefined` when somebody has to be asked
   */
  abstract recall(text: string): AccessToken | null | undefined;
}

export const NOTHING_KNOWN: KnownTokens = { recall: () => undefined };
