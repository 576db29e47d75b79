import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from './access-token.js';
import { Refusal } from '../refusals/refusal.js';
import type { ClaimReader } from './claim-reader.js';
import { withCustomClaims, type ClaimsParser } from './custom-claims.js';

/** What a token must contain to be accepted here, and how its claims are read. */
export interface TokenExpectations {
  readonly issuer: string;
  /** One of these must be in the token's audience. */
  readonly audience: string | readonly string[];
  readonly claims?: ClaimSettings;
}

/** A claim, or the path to a nested one: `['realm_access', 'roles']`. */
type ClaimPath = readonly string[];

/** How claims are read. The defaults fit Latchkey and RFC 9068. */
export interface ClaimSettings {
  /** The claim that names the resource owner. */
  readonly owner: string;
  /** The claims that may name the client; the first one in the token counts. */
  readonly client: readonly string[];
  /** The claim with the audience. */
  readonly audience: string;
  /** The claim with the display name of the resource owner. */
  readonly username: string;
  /** The claims that list scopes, which add up. */
  readonly scope: readonly string[];
  /** The claim that lists groups. */
  readonly groups: string;
  /** The claims that list roles, which add up. */
  readonly roles: readonly ClaimPath[];
  /** Prefix of each subject, so that two issuers never name the same owner. */
  readonly subjectPrefix: string;
  /** Whether the token belongs to a resource owner. */
  readonly isOwnerToken: ClaimTest | null;
  /** Distinguishes access tokens from other tokens that the same server signs. */
  readonly isAccessToken: ClaimTest | null;
  /** The scope of a token without a scope claim. */
  readonly defaultScope: ScopeSet;
  /** Claims that the authorization server may omit. They are compared only if present. */
  readonly mayBeMissing: ReadonlySet<'iss' | 'aud'>;
  /** `null`: the application gets all claims unchanged. */
  readonly parse: ClaimsParser | null;
}

export type ClaimTest = (claims: Readonly<Record<string, unknown>>) => boolean;

export const DEFAULT_CLAIMS: ClaimSettings = Object.freeze({
  owner: 'sub',
  client: ['client_id'],
  audience: 'aud',
  username: 'username',
  scope: ['scope'],
  groups: 'groups',
  roles: [],
  subjectPrefix: '',
  isOwnerToken: null,
  isAccessToken: null,
  defaultScope: ScopeSet.EMPTY,
  mayBeMissing: new Set<'iss' | 'aud'>(),
  parse: null,
});

/**
 * Reads the claims of RFC 7662 section 2.2 and RFC 9068 section 2.2, which share their names. The claims that this API
 * compares are required; others that are optional in RFC 7662 may be missing.
 *
 * @param now milliseconds since the epoch
 * @returns a refusal when the token is not accepted here: expired, of another issuer, for another API, bound to a key,
 *   or without the claims that the application needs
 * @throws MalformedClaimsError when claims are missing or of another type
 */
export function readAccessToken(
  claims: ClaimReader,
  expected: TokenExpectations,
  now: number,
): AccessToken | Refusal {
  const rules = expected.claims ?? DEFAULT_CLAIMS;
  const { clientId, subject, isOwnerToken } = readIdentity(claims, rules);
  const { issuer, audience } = readOrigin(claims, rules, expected);
  // One literal without spreads: tokens of different shapes would cost the guard more time than everything else.
  const token: Omit<AccessToken, 'claims'> = {
    clientId,
    subject,
    isOwnerToken,
    username: claims.optionalText(rules.username),
    groups: Object.freeze(claims.stringsAt([rules.groups])),
    roles: Object.freeze(rules.roles.flatMap((path) => claims.stringsAt(path))),
    sessionId: claims.optionalString('sid'),
    tokenId: claims.optionalString('jti'),
    scopes: readScopes(claims, rules),
    expiresAt: claims.optionalTime('exp'),
    issuedAt: claims.optionalTime('iat'),
    issuer,
    audience,
    acr: claims.optionalText('acr'),
    amr: Object.freeze(claims.stringsAt(['amr'])),
    authenticatedAt: claims.optionalTime('auth_time'),
    clientEpoch: claims.optionalInteger('client_epoch'),
    ownerEpoch: claims.optionalInteger('user_epoch'),
  };
  return refuse(token, claims, expected, now) ?? withCustomClaims(token, claims.all, rules.parse);
}

function refuse(
  { issuer, audience, expiresAt }: Omit<AccessToken, 'claims'>,
  claims: ClaimReader,
  expected: TokenExpectations,
  now: number,
): Refusal | null {
  if (issuer !== expected.issuer) return new Refusal('issuer', { expected: expected.issuer, found: issuer });
  if (![expected.audience].flat().some((name) => audience.includes(name))) {
    return new Refusal('audience', { expected: expected.audience, found: audience });
  }
  const { isAccessToken } = expected.claims ?? DEFAULT_CLAIMS;
  if (isAccessToken !== null && isAccessToken(claims.all) !== true) {
    return new Refusal('token_type', { expected: 'an access token', found: 'another token' });
  }
  if (expiresAt !== null && expiresAt <= now) return expired(expiresAt, now);
  const type = claims.optionalString('token_type') ?? 'Bearer';
  if (type.toLowerCase() !== 'bearer') return new Refusal('token_type', { expected: 'Bearer', found: type });
  // A sender-constrained token (RFC 8705, RFC 9449) is not secure without its proof, which we do not check.
  return claims.has('cnf') ? new Refusal('key_bound') : null;
}

/** @param expiresAt milliseconds since the epoch, as `now` */
export function expired(expiresAt: number, now: number): Refusal {
  return new Refusal('expired', {
    expected: `later than ${new Date(now).toISOString()}`,
    found: new Date(expiresAt).toISOString(),
  });
}

function readIdentity(claims: ClaimReader, { owner, client, subjectPrefix, isOwnerToken }: ClaimSettings) {
  const clientClaim = client.find((name) => claims.has(name));
  const clientId = clientClaim === undefined ? null : claims.optionalString(clientClaim);
  const subject = claims.optionalString(owner);
  // If the token does not name the client, the subject may be the client itself.
  const isOther = clientId !== null && subject !== clientId;
  const isOwner = isOwnerToken === null ? isOther : isOwnerToken(claims.all) === true;
  // Without a subject there is no owner to compare with, whatever the rule returns.
  const isOwnerNamed = subject !== null && isOwner;
  return { clientId, subject: subject && subjectPrefix + subject, isOwnerToken: isOwnerNamed };
}

function readScopes(claims: ClaimReader, { scope, defaultScope }: ClaimSettings): ScopeSet {
  const found = scope.map((name) => claims.scope(name)).filter((names) => names !== null);
  const [only = defaultScope] = found;
  return found.length < 2 ? only : ScopeSet.of(found.flatMap((names) => [...names]));
}

function readOrigin(
  claims: ClaimReader,
  { mayBeMissing, audience: audienceClaim }: ClaimSettings,
  { issuer, audience }: TokenExpectations,
) {
  const silent = (name: 'iss' | 'aud'): boolean => mayBeMissing.has(name) && !claims.has(name);
  return {
    issuer: silent('iss') ? issuer : claims.string('iss'),
    audience: Object.freeze(silent('aud') ? [audience].flat() : claims.strings(audienceClaim)),
  };
}
