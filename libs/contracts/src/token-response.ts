/** A successful answer of the token endpoint (RFC 6749 section 5.1). */
export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds until the access token expires. */
  expires_in: number;
  refresh_token?: string;
  /** Always present, because what the resource owner may not have is dropped silently (RFC 6749 section 3.3). */
  scope: string;
}
