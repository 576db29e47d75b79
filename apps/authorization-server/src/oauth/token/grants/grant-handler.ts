import type { GrantType, MfaGrantType, TokenResponse } from '@latchkey/contracts';
import type { Client } from '../../../clients/client.js';
import type { FormParameters } from '../../common/form-parameters.js';
import type { RequestContext } from '../../common/request-context.js';

export interface TokenRequest {
  readonly client: Client;
  readonly parameters: FormParameters;
  readonly context: RequestContext;
  /** Headers of the response, should it be a success. */
  readonly headers: Map<string, string>;
}

/** One grant: decides whether tokens may be issued. Adding one takes a class and a line in the token module. */
export interface GrantHandler {
  /** The value of `grant_type`. */
  readonly grantType: GrantType | MfaGrantType;

  /** Another value of it, for clients that were made for another server. */
  readonly alias?: string;

  /** The grant type that a client has to be registered for. */
  readonly registeredAs: GrantType;

  /** @throws OAuthError */
  handle(request: TokenRequest): Promise<TokenResponse>;
}
