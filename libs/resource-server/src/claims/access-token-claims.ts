import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from './access-token.js';
import { Refusal } from '../refusals/refusal.js';
import type { ClaimReader } from './claim-reader.js';
import { withCustomClaims, type ClaimsParser } from './custom-claims.js';

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
  /** `null`: the application takes all claims as they are. */
  readonly parse: ClaimsParser | null;
}

export const DEFAULT_CLAIMS: ClaimSettings = Object.freeze({
  owner: 'sub',
  isOwnerToken: null,
  defaultScope: ScopeSet.EMPTY,
  mayBeMissing: new Set<'iss' | 'aud'>(),
  parse: null,
});

/**
 * Reads the claims of RFC 7662 section 2.2 and RFC 9068 section 2.2, which share their names. Requires what this API compares;
 * what is optional in RFC 7662 may be missing.
 *
 * @param now milliseconds since the epoch
 * @returns why the token is not good here: expired, from elsewhere, for somebody else, bound to a key, or without the claims
 *   that the application needs
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
  // One literal, without spreads: tokens that do not share a shape cost the guard more than all the rest of it.
  const token: Omit<AccessToken, 'claims'> = {
    clientId,
    subject,
    isOwnerToken,
    username: claims.optionalText('username'),
    groups: Object.freeze(claims.has('groups') ? claims.strings('groups') : []),
    sessionId: claims.optionalString('sid'),
    tokenId: claims.optionalString('jti'),
    scopes: claims.scope('scope') ?? rules.defaultScope,
    expiresAt: claims.optionalTime('exp'),
    issuedAt: claims.optionalTime('iat'),
    issuer,
    audience,
    acr: claims.optionalText('acr'),
    amr: Object.freeze(claims.has('amr') ? claims.strings('amr') : []),
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
  if (!audience.includes(expected.audience)) {
    return new Refusal('audience', { expected: expected.audience, found: audience });
  }
  if (expiresAt !== null && expiresAt <= now) return expired(expiresAt, now);
  const type = claims.optionalString('token_type') ?? 'Bearer';
  if (type.toLowerCase() !== 'bearer') return new Refusal('token_type', { expected: 'Bearer', found: type });
  // A sender-constrained token (RFC 8705, RFC 9449) is worth nothing without the proof that we do not check.
  return claims.has('cnf') ? new Refusal('key_bound') : null;
}

/** @param expiresAt as `now` milliseconds since the epoch */
export function expired(expiresAt: number, now: number): Refusal {
  return new Refusal('expired', {
    expected: `later than ${new Date(now).toISOString()}`,
    found: new Date(expiresAt).toISOString(),
  });
}

function readIdentity(claims: ClaimReader, { owner, isOwnerToken }: ClaimSettings) {
  const clientId = claims.optionalString('client_id');
  const subject = claims.optionalString(owner);
  // Where the client is not named, the subject may be the client itself.
  const isOther = clientId !== null && subject !== clientId;
  const isOwner = isOwnerToken === null ? isOther : isOwnerToken(claims.all) === true;
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
