import type { ClaimTest } from '../claims/access-token-claims.js';
import type { ClaimsParser } from '../claims/custom-claims.js';

/** An issuer whose JWT access tokens are validated locally, by its keys only. */
export interface IssuerOptions {
  /** The `iss` of its tokens, compared character by character. */
  issuer: string;
  /** The audience of this API in the tokens of this issuer. Default: the `audience` of the module. */
  audience?: string | readonly string[];
  /**
   * Prefix of the subjects of this issuer in `AccessToken.subject`, so that no issuer can name the users of another
   * one. Empty, or a name that ends with a colon. Only in `issuers`, where it is required; use `''` if equal subjects of
   * different issuers are the same person.
   */
  subjectPrefix?: string;
  jwks?: JwksOptions;
  claims?: ClaimOptions;
}

/**
 * Finds an issuer by the `iss` of a token. The token is not verified yet: look the issuer up among your own, and never
 * fetch anything from it. The result is used for `jwks.maxAgeMs`.
 *
 * @returns nothing when the issuer is not trusted
 */
export type IssuerResolver = (
  issuer: string,
) => IssuerOptions | null | undefined | Promise<IssuerOptions | null | undefined>;

/** The keys that JWT access tokens are signed with. */
export interface JwksOptions {
  /** The URL of the keys. Default: `jwks_uri` of the authorization server's metadata. */
  uri?: string;
  /**
   * The URL of the metadata. Default: that of OpenID Connect Discovery, or that of RFC 8414 if there is none. The
   * `issuer` of the metadata must be the configured one.
   */
  metadataUri?: string;
  /** Accepted signature algorithms. Default `ES256` and `RS256`. */
  algorithms?: readonly string[];
  /** Accepted header `typ` of access tokens, in any case; `null`: no `typ`. Default `at+jwt` (RFC 9068). */
  types?: readonly (string | null)[];
  /** How long keys are used before they are fetched again, in milliseconds. Default 300,000. */
  maxAgeMs?: number;
  /**
   * Minimum time between two fetches, whatever key a token names, in milliseconds; at most `maxAgeMs`. Default 5,000.
   */
  cooldownMs?: number;
}

/** For authorization servers whose tokens have other claims than those of Latchkey. */
export interface ClaimOptions {
  /** The claim that names the resource owner. Default `sub`. */
  owner?: string;
  /** The claim that names the client; of several the first one in the token. Default `client_id`. */
  client?: string | readonly string[];
  /** The claim that is compared with the option `audience`. Default `aud`. */
  audience?: string;
  /** The claim with the owner's display name. Default `username`. */
  username?: string;
  /** The claim with the scopes, as a text with spaces or as an array; several add up. Default `scope`. */
  scope?: string | readonly string[];
  /** The claim with the groups. Default `groups`. */
  groups?: string;
  /** Claims with roles; an array is the path to a nested one: `[['realm_access', 'roles']]`. Default: none. */
  roles?: readonly (string | readonly string[])[];
  /** Whether the token belongs to an owner. Default: the owner is named and is not the `client_id`. */
  isOwnerToken?: ClaimTest;
  /** Distinguishes access tokens from others of the server, such as ID tokens, if the header `typ` does not. */
  isAccessToken?: ClaimTest;
  /** The scope of a token without a scope claim. Default: none. */
  defaultScope?: string;
  /**
   * Claims that this authorization server omits. A missing one is then accepted; a present one is still compared.
   * Without `aud`, only the authorization server decides whether a token is meant for this API.
   */
  mayBeMissing?: readonly ('iss' | 'aud')[];
  /**
   * Converts all claims of a token to the `AccessToken.claims` of handlers, such as `z.object({ tenant: z.string()
   * }).parse`. If it throws, the token is refused with 401, and the message of the error is logged. Called once for
   * each answer and each validation. Default: all claims unchanged.
   */
  parse?: ClaimsParser;
}
