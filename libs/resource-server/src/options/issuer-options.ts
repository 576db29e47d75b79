import type { ClaimTest } from '../claims/access-token-claims.js';
import type { ClaimsParser } from '../claims/custom-claims.js';

/** An issuer whose JWT access tokens are validated here, by its keys alone. */
export interface IssuerOptions {
  /** The `iss` of its tokens, compared character by character. */
  issuer: string;
  /** Who this API is for this issuer. Default: the `audience` of the module. */
  audience?: string | readonly string[];
  /**
   * Stands before each subject of this issuer in `AccessToken.subject`, so that no issuer can name the users of another one. Empty, or
   * a name with a colon at its end. Required in `issuers`; write `''` where two subjects that are equal are one person.
   */
  subjectPrefix?: string;
  jwks?: JwksOptions;
  claims?: ClaimOptions;
}

/**
 * Finds an issuer by the `iss` that a token claims. The token is not verified yet: look the issuer up among your own, and never fetch
 * anything from it. The answer is used for `jwks.maxAgeMs`.
 *
 * @returns nothing when it is not trusted
 */
export type IssuerResolver = (
  issuer: string,
) => IssuerOptions | null | undefined | Promise<IssuerOptions | null | undefined>;

/** The keys that JWT access tokens are signed with. */
export interface JwksOptions {
  /** `jwks_uri` of the authorization server's metadata. Default: what the metadata says. */
  uri?: string;
  /**
   * Where the metadata is. Default: what OpenID Connect Discovery makes of the issuer, or, where nothing is there, RFC 8414. Its
   * `issuer` must be the configured one.
   */
  metadataUri?: string;
  /** Signature algorithms that are accepted. Default `ES256` and `RS256`. */
  algorithms?: readonly string[];
  /** The header `typ` of access tokens, in any case; `null` for those without one. Default `at+jwt` (RFC 9068). */
  types?: readonly (string | null)[];
  /** How long keys are used until they are fetched again, in milliseconds. Default 300,000. */
  maxAgeMs?: number;
  /** How long after one fetch there is no other one, whatever key a token names, in milliseconds. Default 5,000. */
  cooldownMs?: number;
}

/** For authorization servers that speak of tokens in another way than Latchkey does. */
export interface ClaimOptions {
  /** The claim that names the resource owner. Default `sub`. */
  owner?: string;
  /** The claim that names the client; of several the first that is there. Default `client_id`. */
  client?: string | readonly string[];
  /** The claim that is compared with the option `audience`. Default `aud`. */
  audience?: string;
  /** The claim with the owner's name for people. Default `username`. */
  username?: string;
  /** The claim that names scopes, as a text with spaces or as an array; several add up. Default `scope`. */
  scope?: string | readonly string[];
  /** The claim that names groups. Default `groups`. */
  groups?: string;
  /** Claims that name roles, which add up; an array leads to a claim inside of others: `[['realm_access', 'roles']]`. Default: none. */
  roles?: readonly (string | readonly string[])[];
  /** Tells owner tokens from tokens that a client got for itself. Default: the owner is named and is not the `client_id`. */
  isOwnerToken?: ClaimTest;
  /** Tells access tokens from other tokens that the server signs, such as ID tokens, where the header `typ` does not. */
  isAccessToken?: ClaimTest;
  /** What a token grants when the answer names no scope. Default: nothing. */
  defaultScope?: string;
  /**
   * Claims that this authorization server leaves out of its answers. A missing one then passes; one that is there is still
   * compared. Without `aud`, whether a token is meant for this API is left to the authorization server.
   */
  mayBeMissing?: readonly ('iss' | 'aud')[];
  /**
   * Makes of all claims of a token what handlers find in `AccessToken.claims`, such as `z.object({ tenant: z.string() }).parse`.
   * When it throws, the token is refused with 401, and the message of the error is in the log. Called once for each answer
   * and each validation. Default: all claims as they are.
   */
  parse?: ClaimsParser;
}
