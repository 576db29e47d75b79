/**
 * Error codes that our endpoints answer with.
 *
 * @see RFC 6749 section 5.2 (token endpoint), RFC 6750 section 3.1 (protected resources), RFC 9470 section 3
 * (`insufficient_user_authentication`), RFC 8707 section 2 (`invalid_target`), RFC 7009 section 2.2.1
 * (`unsupported_token_type`). `temporarily_unavailable` and `server_error` are borrowed from RFC 6749 section 4.1.2.1; `access_denied`
 * says that the token is good and has the scope, but its resource owner may not do this to this resource; `mfa_required` is Auth0's:
 * the password is right, and a second factor is missing. RFC 9470 section 5 has `unmet_authentication_requirements`.
 */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'access_denied'
  | 'mfa_required'
  | 'unmet_authentication_requirements'
  | 'not_found'
  | 'method_not_allowed'
  | 'temporarily_unavailable'
  | 'server_error';

/** Body of every refusal (RFC 6749 section 5.2). */
export interface OAuthErrorResponse {
  error: OAuthErrorCode;
  error_description?: string;
}
