import { decodeBase64url, GROUPS_OMITTED, hasLowS } from '@latchkey/contracts';
import type * as Jose from 'jose';
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import type { AccessToken } from '../claims/access-token.js';
import { expired, readAccessToken, type TokenExpectations } from '../claims/access-token-claims.js';
import { ClaimReader, MalformedClaimsError } from '../claims/claim-reader.js';
import type { LocalValidator } from '../freshness/remembering-lookup.js';
import type { Verdict } from '../introspection/token-lookup.js';
import { Refusal } from '../refusals/refusal.js';
import { KeysUnavailableError, loadJose, type JwksEndpoint } from './jwks-endpoint.js';

interface JwtRules {
  /** The only accepted signature algorithms. */
  readonly algorithms: readonly string[];
  /** Accepted values of the header `typ`, in lower case; `null`: no `typ`. */
  readonly types: readonly (string | null)[];
  readonly expected: Required<TokenExpectations>;
  /** How long a token is accepted before its start and after its end, in milliseconds. */
  readonly clockToleranceMs: number;
  /** Whether undecided tokens are introspected. */
  readonly isAsked: boolean;
}

/** Validates JWT access tokens by the authorization server's keys (RFC 9068 section 4). Does not check revocation. */
export class JwtValidator implements LocalValidator {
  /** @param clock milliseconds since the epoch */
  constructor(
    private readonly keys: JwksEndpoint,
    private readonly rules: JwtRules,
    private readonly clock: () => number,
  ) {}

  async validate(token: string): Promise<Verdict | 'undecided'> {
    const jose = await loadJose();
    const header = readHeader(token, jose);
    if (header === null) return 'undecided';
    // Compared before looking for a key: a token of another type must not cause a fetch.
    const { algorithms, types, clockToleranceMs, isAsked, expected } = this.rules;
    if (!types.includes(typeOf(header))) {
      return new Refusal('token_type', { expected: types.map(String), found: foundIn(header, 'typ') });
    }
    if (typeof header.kid !== 'string') return new Refusal('claims', { expected: 'kid', found: [] });
    if (!algorithms.includes(header.alg ?? '')) {
      return new Refusal('algorithm', { expected: algorithms, found: foundIn(header, 'alg') });
    }
    try {
      const payload = await this.#verify(token, jose);
      // Decoders differ in the non-canonical base64url texts that they accept.
      const signature = decodeBase64url(token.slice(token.lastIndexOf('.') + 1));
      if (signature === null) return new Refusal('signature');
      // Possibly a second text of a token. Only its server knows whether it signs in this way.
      if (isAsked && header.alg === 'ES256' && !hasLowS(signature)) return 'undecided';
      // The authorization server has to return the groups that the token omits.
      if (isAsked && payload[GROUPS_OMITTED] === true) return 'undecided';
      const verdict = readAccessToken(new ClaimReader(payload), expected, this.clock() - clockToleranceMs);
      return verdict instanceof Refusal ? verdict : this.#complete(verdict);
    } catch (error) {
      if (error instanceof KeysUnavailableError && !isAsked) throw error;
      const isUnknownKey = error instanceof jose.errors.JWKSNoMatchingKey;
      if (error instanceof KeysUnavailableError || (isUnknownKey && isAsked)) return 'undecided';
      // Servers publish a key before they sign with it, so an unknown key is a refusal.
      if (isUnknownKey) return new Refusal('unknown_key', { found: header.kid });
      if (error instanceof MalformedClaimsError) return new Refusal('claims', { found: error.message });
      if (error instanceof jose.errors.JOSEError) return this.#refusal(error, jose);
      throw error;
    }
  }

  /** RFC 9068 section 2.2 requires both. If another claim names the owner, tokens of clients may have no `sub`. */
  #complete(token: AccessToken): Verdict {
    const { client, owner } = this.rules.expected.claims;
    const missing =
      token.clientId === null ? client : token.subject === null && owner === 'sub' ? [owner] : [];
    if (missing.length > 0) {
      return new Refusal('claims', { expected: `a usable "${missing.join('" or "')}"`, found: [] });
    }
    return token;
  }

  #refusal(error: Jose.errors.JOSEError, { errors }: typeof Jose): Refusal {
    if (error instanceof errors.JWTExpired) return expired(Number(error.payload.exp) * 1000, this.clock());
    if (error instanceof errors.JWTClaimValidationFailed) return this.#wrongClaim(error);
    const isForged = error instanceof errors.JWSSignatureVerificationFailed;
    return new Refusal(isForged ? 'signature' : 'malformed');
  }

  #wrongClaim({ claim, payload, reason }: Jose.errors.JWTClaimValidationFailed): Refusal {
    const { issuer, audience } = this.rules.expected;
    const found = foundIn(payload, claim);
    if (claim === 'iss') return new Refusal('issuer', { expected: issuer, found });
    if (claim === 'aud') return new Refusal('audience', { expected: audience, found });
    if (claim === 'nbf' && reason === 'check_failed') {
      const expected = `earlier than ${new Date(this.clock()).toISOString()}`;
      return new Refusal('not_yet_valid', { expected, found: `${found.join()} s` });
    }
    return new Refusal('claims', { expected: `a usable "${claim}"`, found });
  }

  async #verify(token: string, { jwtVerify }: typeof Jose): Promise<JWTPayload> {
    const { algorithms, expected, clockToleranceMs } = this.rules;
    const { issuer, audience, claims } = expected;
    const { payload } = await jwtVerify(token, this.keys.find, {
      algorithms: [...algorithms],
      issuer,
      // A different audience claim is compared when the claims are read.
      ...(claims.audience === 'aud' && { audience: [audience].flat() }),
      requiredClaims: ['iss', claims.audience, 'exp'],
      currentDate: new Date(this.clock()),
      clockTolerance: clockToleranceMs / 1000,
    });
    return payload;
  }
}

/** The strings and numbers under a name; other values are ignored. */
function foundIn(members: object, name: string): string[] {
  const values = [(members as Record<string, unknown>)[name]].flat();
  return values.filter((value) => typeof value === 'string' || typeof value === 'number').map(String);
}

/** In lower case, without the prefix that RFC 7515 section 4.1.9 makes optional. */
function typeOf({ typ }: ProtectedHeaderParameters): string | null {
  if (typ === undefined) return null;
  return String(typ)
    .toLowerCase()
    .replace(/^application\//, '');
}

/** @returns `null` for a text that is no JWS in compact form */
function readHeader(token: string, { decodeProtectedHeader }: typeof Jose): ProtectedHeaderParameters | null {
  if (token.split('.').length !== 3) return null;
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}
