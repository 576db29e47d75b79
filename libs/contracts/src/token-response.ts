/** A successful response of the token endpoint (RFC 6749 section 5.1). */
export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds until the access token expires. */
  expires_in: number;
  refresh_token?: string;
  /** Always present: scopes that the owner may not have are dropped without an error (RFC 6749 section 3.3). */
  scope: string;
}
