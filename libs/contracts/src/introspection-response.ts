/** The response for an inactive token, whatever the reason (RFC 7662 section 2.2). */
export interface InactiveTokenResponse {
  active: false;
}

/** The response for an active access token (RFC 7662 section 2.2, claims of RFC 9068). */
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
  /** How the resource owner logged in (RFC 8176), and the resulting class; only for a resource owner's token. */
  amr?: readonly string[];
  acr?: string;
  /** Canonical user name; only for a resource owner's token. */
  username?: string;
  groups?: string[];
  /** A counter that changes of the client raise when they end its tokens; tokens with a lower epoch are revoked. */
  client_epoch: number;
  /** The same for the resource owner; only for a resource owner's token. */
  user_epoch?: number;
}

export type IntrospectionResponse = InactiveTokenResponse | ActiveTokenResponse;
