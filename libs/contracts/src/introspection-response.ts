/** What an inactive token answers, whatever the reason (RFC 7662 section 2.2). */
export interface InactiveTokenResponse {
  active: false;
}

/** What an active access token answers (RFC 7662 section 2.2, claims of RFC 9068). */
export interface ActiveTokenResponse {
  active: true;
  scope: string;
  client_id: string;
  token_type: 'Bearer';
  /** Seconds since the epoch. */
  exp: number;
  /** Seconds since the epoch. */
  iat: number;
  /** The resource owner, or the client itself when it acts on its own behalf. */
  sub: string;
  aud: string | string[];
  iss: string;
  jti: string;
  /** The authorization that all tokens of one login belong to. */
  sid: string;
  /** Seconds since the epoch: when the resource owner presented the password. */
  auth_time: number;
  /** How the resource owner logged in (RFC 8176), and what that is worth; only on a resource owner's token. */
  amr?: readonly string[];
  acr?: string;
  /** Canonical user name; only on a resource owner's token. */
  username?: string;
  groups?: string[];
  /** Counter that a lifecycle change of the client raises; tokens of an older epoch are dead. */
  client_epoch: number;
  /** The same for the resource owner; only on a resource owner's token. */
  user_epoch?: number;
}

export type IntrospectionResponse = InactiveTokenResponse | ActiveTokenResponse;
