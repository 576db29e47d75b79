import type { GrantType, MfaGrantType, TokenResponse } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import type { FormParameters } from '../../common/form-parameters.js';
import type { RequestContext } from '../../common/request-context.js';

export interface TokenRequest {
  readonly client: Client;
  readonly parameters: FormParameters;
  readonly context: RequestContext;
  /** Headers of a successful response. */
  readonly headers: Map<string, string>;
}

/** One grant: decides whether tokens may be issued. A new grant needs a class and a line in the token module. */
export interface GrantHandler {
  /** The value of `grant_type`. */
  readonly grantType: GrantType | MfaGrantType;

  /** Another value of `grant_type`, for clients of another server. */
  readonly alias?: string;

  /** The grant type that the client must be registered for. */
  readonly registeredAs: GrantType;

  /** @throws OAuthError */
  handle(request: TokenRequest): Promise<TokenResponse>;
}
