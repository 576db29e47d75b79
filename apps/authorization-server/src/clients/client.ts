import type { GrantType, ScopeSet, SigningAlgorithm } from '@latchkey/contracts';

/** Whether a client can keep a secret (RFC 6749 section 2.1). */
export type ClientType = 'confidential' | 'public';

export const CLIENT_TYPES = ['confidential', 'public'] as const satisfies readonly ClientType[];

export type AccessTokenFormat = 'jwt' | 'opaque';

export const ACCESS_TOKEN_FORMATS = ['jwt', 'opaque'] as const satisfies readonly AccessTokenFormat[];

/** `none`: no refresh tokens; `limited`: a number of uses; `unlimited`: until the lifetime ends. */
export type RefreshTokenPolicy = 'none' | 'limited' | 'unlimited';

export const REFRESH_TOKEN_POLICIES = [
  'none',
  'limited',
  'unlimited',
] as const satisfies readonly RefreshTokenPolicy[];

/** What a client's tokens are like. Lifetimes in seconds; the server's defaults are already filled in. */
export interface TokenSettings {
  readonly accessTokenFormat: AccessTokenFormat;
  /** Of a JWT. */
  readonly accessTokenSigningAlg: SigningAlgorithm;
  readonly accessTokenTtl: number;
  readonly refreshTokenPolicy: RefreshTokenPolicy;
  /** Rotations allowed by the policy `limited`; `null` with the others. */
  readonly refreshTokenMaxUses: number | null;
  readonly refreshTokenTtl: number;
  readonly refreshTokenIdleTtl: number;
  readonly refreshTokenGrace: number;
  /** How often a spent refresh token gets the answer again within the grace; `null`: any number of times. */
  readonly refreshTokenMaxRetries: number | null;
}

/** A stored client secret: never the secret itself. */
export interface ClientSecret {
  readonly id: string;
  readonly hash: string;
  /** Milliseconds since the epoch; `null` never ends. */
  readonly expiresAt: number | null;
}

/** A registered client (RFC 6749 section 2, metadata names of RFC 7591). */
export interface Client {
  /** Internal and never reused; `clientId` may be registered again after a deletion. */
  readonly key: number;
  readonly clientId: string;
  readonly clientName: string;
  readonly clientType: ClientType;
  readonly secrets: readonly ClientSecret[];
  readonly grantTypes: ReadonlySet<GrantType>;
  /** What the client may ask for. */
  readonly scope: ScopeSet;
  /** What it gets when it asks for nothing; `null`: asking for nothing is refused. */
  readonly defaultScope: ScopeSet | null;
  /** The APIs that its tokens are for; for a client that introspects: what it is. */
  readonly audience: readonly string[];
  readonly tokenSettings: TokenSettings;
  readonly mayIntrospect: boolean;
  readonly forwardsEndUserAddress: boolean;
  /** Last day (UTC, `YYYY-MM-DD`) of the password grant; `null`: no end. */
  readonly passwordGrantUntil: string | null;
  readonly enabled: boolean;
  /** Raised by every change that must end the client's authorizations at once. */
  readonly epoch: number;
}
