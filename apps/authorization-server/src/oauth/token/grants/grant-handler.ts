import type { GrantType, TokenResponse } from '@latchkey/contracts';
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
  readonly grantType: GrantType;

  /** @throws OAuthError */
  handle(request: TokenRequest): Promise<TokenResponse>;
}
