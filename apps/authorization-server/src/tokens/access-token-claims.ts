/** What an access token says, in whatever format (RFC 9068 section 2.2). Times in seconds since the epoch. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly client_id: string;
  readonly scope: string;
  /** The authorization that the token belongs to. */
  readonly sid: string;
  /** When the resource owner presented the password. */
  readonly auth_time: number;
  readonly groups?: readonly string[];
}
