import type { AccessToken } from '../bearer/access-token.js';
import { isBearerToken } from '../bearer/bearer-token.js';
import { TokenIntrospector } from './token-introspector.js';

/** Asks another one, but only about what may be a token. */
export class WellFormedIntrospector extends TokenIntrospector {
  constructor(private readonly introspector: TokenIntrospector) {
    super();
  }

  introspect(token: string): AccessToken | null | Promise<AccessToken | null> {
    return isBearerToken(token) ? this.introspector.introspect(token) : null;
  }
}
