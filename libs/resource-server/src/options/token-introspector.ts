import type { AccessToken } from '../claims/access-token.js';

/** Introspects access tokens. The class is the injection token under which a replacement can be provided. */
export abstract class TokenIntrospector {
  /**
   * @returns `null` when the token is not valid here: unknown, expired, revoked, or meant for another API. A promise if
   *   the answer needs a request; a cached answer can be returned directly
   * @throws IntrospectionUnavailableError when the token could not be checked
   */
  abstract introspect(token: string): AccessToken | null | Promise<AccessToken | null>;
}
