import type { AccessToken } from '../claims/access-token.js';

/** Asks about access tokens; the injection token under which another way of asking can be provided. */
export abstract class TokenIntrospector {
  /**
   * @returns `null` when the token is not valid here: unknown, expired, revoked, or meant for another API
   *   A promise where somebody has to be asked; what is known already can be answered as it is.
   * @throws IntrospectionUnavailableError when nobody could say
   */
  abstract introspect(token: string): AccessToken | null | Promise<AccessToken | null>;
}
