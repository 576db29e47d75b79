import type { AccessToken } from './access-token.js';

/** Asks about access tokens; the injection token under which another way of asking can be provided. */
export abstract class TokenIntrospector {
  /**
   * @returns `null` when the token is not valid here: unknown, expired, revoked, or meant for another API
   * @throws IntrospectionUnavailableError when nobody could say
   */
  abstract introspect(token: string): Promise<AccessToken | null>;
}
