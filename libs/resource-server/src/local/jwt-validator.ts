import { decodeBase64url, GROUPS_OMITTED, hasLowS } from '@latchkey/contracts';
import type * as Jose from 'jose';
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { expired, readAccessToken, type TokenExpectations } from '../claims/access-token-claims.js';
import { ClaimReader, MalformedClaimsError } from '../claims/claim-reader.js';
import type { LocalValidator } from '../freshness/remembering-lookup.js';
import type { Verdict } from '../introspection/token-lookup.js';
import { Refusal } from '../refusals/refusal.js';
import { KeysUnavailableError, loadJose, type JwksEndpoint } from './jwks-endpoint.js';

/** `typ` of an access token (RFC 9068 section 2.1). */
const TYPE = 'at+jwt';

/** Validates JWT access tokens by the authorization server's keys (RFC 9068 section 4). Says nothing about revocation. */
export class JwtValidator implements LocalValidator {
  /**
   * @param algorithms the only ones that a token may be signed with
   * @param clock milliseconds since the epoch
   * @param clockToleranceMs how long a token is accepted before it begins and after it ends
   */
  constructor(
    private readonly keys: JwksEndpoint,
    private readonly algorithms: readonly string[],
    private readonly expected: TokenExpectations,
    private readonly clock: () => number,
    private readonly clockToleranceMs: number,
  ) {}

  async validate(token: string): Promise<Verdict | 'undecided'> {
    const jose = await loadJose();
    const header = readHeader(token, jose);
    if (header === null) return 'undecided';
    // Compared before a key is looked for: what says that it is something else is worth no fetch.
    if (typeof header.typ !== 'string' || header.typ.toLowerCase() !== TYPE) {
      return new Refusal('token_type', { expected: TYPE, found: foundIn(header, 'typ') });
    }
    if (typeof header.kid !== 'string') return new Refusal('claims', { expected: 'kid', found: [] });
    if (!this.algorithms.includes(header.alg ?? '')) {
      return new Refusal('algorithm', { expected: this.algorithms, found: foundIn(header, 'alg') });
    }
    try {
      const payload = await this.#verify(token, jose);
      // Decoders differ in what they take for base64url beside its one canonical text.
      const signature = decodeBase64url(token.slice(token.lastIndexOf('.') + 1));
      if (signature === null) return new Refusal('signature');
      // Perhaps the second text of a token: whether its server signs this way is for that server to say.
      if (header.alg === 'ES256' && !hasLowS(signature)) return 'undecided';
      // Whose groups the token does not name is for the authorization server to say.
      if (payload[GROUPS_OMITTED] === true) return 'undecided';
      const verdict = readAccessToken(
        new ClaimReader(payload),
        this.expected,
        this.clock() - this.clockToleranceMs,
      );
      if (verdict instanceof Refusal || (verdict.clientId !== null && verdict.subject !== null))
        return verdict;
      return new Refusal('claims', { expected: 'client_id and sub' });
    } catch (error) {
      if (error instanceof KeysUnavailableError || error instanceof jose.errors.JWKSNoMatchingKey)
        return 'undecided';
      if (error instanceof MalformedClaimsError) return new Refusal('claims', { found: error.message });
      if (error instanceof jose.errors.JOSEError) return this.#refusal(error, jose);
      throw error;
    }
  }

  #refusal(error: Jose.errors.JOSEError, { errors }: typeof Jose): Refusal {
    if (error instanceof errors.JWTExpired) return expired(Number(error.payload.exp) * 1000, this.clock());
    if (error instanceof errors.JWTClaimValidationFailed) return this.#wrongClaim(error);
    const isForged = error instanceof errors.JWSSignatureVerificationFailed;
    return new Refusal(isForged ? 'signature' : 'malformed');
  }

  #wrongClaim({ claim, payload, reason }: Jose.errors.JWTClaimValidationFailed): Refusal {
    const { issuer, audience } = this.expected;
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
    const { payload } = await jwtVerify(token, this.keys.find, {
      algorithms: [...this.algorithms],
      typ: TYPE,
      issuer: this.expected.issuer,
      audience: this.expected.audience,
      requiredClaims: ['iss', 'aud', 'exp', 'client_id', 'sub'],
      currentDate: new Date(this.clock()),
      clockTolerance: this.clockToleranceMs / 1000,
    });
    return payload;
  }
}

/** The texts and numbers under a name, whatever else is there. */
function foundIn(members: object, name: string): string[] {
  const values = [(members as Record<string, unknown>)[name]].flat();
  return values.filter((value) => typeof value === 'string' || typeof value === 'number').map(String);
}

/** @returns `null` for what is no JWS in compact form */
function readHeader(token: string, { decodeProtectedHeader }: typeof Jose): ProtectedHeaderParameters | null {
  if (token.split('.').length !== 3) return null;
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}
