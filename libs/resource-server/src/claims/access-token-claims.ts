import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from '../bearer/access-token.js';
import type { ClaimReader } from './claim-reader.js';

/** What a token must say to be accepted here, and how the authorization server says it. */
export interface TokenExpectations {
  readonly issuer: string;
  readonly audience: string;
  readonly claims?: ClaimSettings;
}

/** How claims are read; the defaults are those of Latchkey and of RFC 9068. */
export interface ClaimSettings {
  /** The claim that names the resource owner. */
  readonly owner: string;
  /** Tells whether a resource owner stands behind the token. */
  readonly isOwnerToken: ((claims: Readonly<Record<string, unknown>>) => boolean) | null;
  /** What a token grants that names no scope. */
  readonly defaultScope: ScopeSet;
  /** Claims that the authorization server does not tell, which are then not compared. */
  readonly mayBeMissing: ReadonlySet<'iss' | 'aud'>;
}

export const DEFAULT_CLAIMS: ClaimSettings = Object.freeze({
  owner: 'sub',
  isOwnerToken: null,
  defaultScope: ScopeSet.EMPTY,
  mayBeMissing: new Set<'iss' | 'aud'>(),
});

/**
 * Reads the claims of RFC 7662 section 2.2 and RFC 9068 section 2.2, which share their names.
 *
 * @param now milliseconds since the epoch
 * @returns `null` when the token is not good here: expired, from elsewhere, for somebody else, or bound to a key
 * @throws MalformedClaimsError when claims are missing or of another type
 */
export function readAccessToken(
  claims: ClaimReader,
  expected: TokenExpectations,
  now: number,
): AccessToken | null {
  const rules = expected.claims ?? DEFAULT_CLAIMS;
  const { clientId, subject, isOwnerToken } = readIdentity(claims, rules);
  const { issuer, audience } = readOrigin(claims, rules, expected);
  const issuedAt = claims.optionalInteger('iat');
  // One literal, without spreads: tokens that do not share a shape cost the guard more than all the rest of it.
  const token: AccessToken = Object.freeze({
    clientId,
    subject,
    isOwnerToken,
    username: claims.optionalString('username'),
    groups: Object.freeze(claims.has('groups') ? claims.strings('groups') : []),
    sessionId: claims.optionalString('sid'),
    tokenId: claims.optionalString('jti'),
    scopes: claims.scope('scope') ?? rules.defaultScope,
    expiresAt: claims.integer('exp') * 1000,
    issuedAt: issuedAt === null ? null : issuedAt * 1000,
    issuer,
    audience,
    clientEpoch: claims.optionalInteger('client_epoch'),
    ownerEpoch: claims.optionalInteger('user_epoch'),
  });
  const valid =
    token.expiresAt > now &&
    token.issuer === expected.issuer &&
    token.audience.includes(expected.audience) &&
    // A sender-constrained token (RFC 8705, RFC 9449) is worth nothing without the proof that we do not check.
    (claims.optionalString('token_type') ?? 'Bearer').toLowerCase() === 'bearer' &&
    !claims.has('cnf');
  return valid ? token : null;
}

function readIdentity(claims: ClaimReader, { owner, isOwnerToken }: ClaimSettings) {
  const clientId = claims.string('client_id');
  const subject = claims.optionalString(owner);
  const isOwner = isOwnerToken === null ? subject !== clientId : isOwnerToken(claims.all) === true;
  // Without a name there is nobody to compare an owner with, whatever the rule says.
  return { clientId, subject, isOwnerToken: subject !== null && isOwner };
}

function readOrigin(
  claims: ClaimReader,
  { mayBeMissing }: ClaimSettings,
  { issuer, audience }: TokenExpectations,
) {
  const silent = (name: 'iss' | 'aud'): boolean => mayBeMissing.has(name) && !claims.has(name);
  return {
    issuer: silent('iss') ? issuer : claims.string('iss'),
    audience: Object.freeze(silent('aud') ? [audience] : claims.strings('aud')),
  };
}
