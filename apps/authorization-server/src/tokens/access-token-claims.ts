import type { GROUPS_OMITTED } from '@latchkey/contracts';

/** The claims of an access token in any format (RFC 9068 section 2.2). Times in seconds since the epoch. */
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
  /** How the resource owner logged in (RFC 8176), and the resulting class. Only in a resource owner's token. */
  readonly amr?: readonly string[];
  readonly acr?: string;
  /** The epochs at the login, for resource servers that validate tokens locally and follow the revocation feed. */
  readonly client_epoch: number;
  /** Only in a resource owner's token. */
  readonly user_epoch?: number;
  readonly groups?: readonly string[];
  /** Replaces `groups` that would make the token too long. */
  readonly [GROUPS_OMITTED]?: true;
}
