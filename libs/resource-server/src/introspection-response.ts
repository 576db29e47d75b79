import { InvalidScopeSyntaxError, ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from './access-token.js';
import { IntrospectionUnavailableError } from './introspection-unavailable.error.js';

/** What a token must say to be accepted here. */
export interface Expectations {
  issuer: string;
  audience: string;
}

/**
 * Reads the answer of an introspection endpoint. Two refusals: a token that is inactive or not for us is `null`; an
 * answer that breaks the contract says nothing about the token.
 *
 * @param now milliseconds since the epoch
 * @throws IntrospectionUnavailableError when the answer is not what RFC 7662 section 2.2 describes
 */
export function readIntrospectionResponse(
  response: unknown,
  expected: Expectations,
  now: number,
): AccessToken | null {
  const claims = new ClaimReader(response);
  if (!claims.active()) return null;
  const token: AccessToken = Object.freeze({ ...readIdentity(claims), ...readValidity(claims) });
  const valid =
    token.expiresAt > now &&
    token.issuer === expected.issuer &&
    token.audience.includes(expected.audience) &&
    // A sender-constrained token (RFC 8705, RFC 9449) is worth nothing without the proof that we do not check.
    (claims.optionalString('token_type') ?? 'Bearer').toLowerCase() === 'bearer' &&
    !claims.has('cnf');
  return valid ? token : null;
}

function readIdentity(claims: ClaimReader) {
  const clientId = claims.string('client_id');
  const subject = claims.optionalString('sub');
  return {
    clientId,
    subject,
    isOwnerToken: subject !== null && subject !== clientId,
    username: claims.optionalString('username'),
    groups: Object.freeze(claims.has('groups') ? claims.strings('groups') : []),
    sessionId: claims.optionalString('sid'),
    tokenId: claims.optionalString('jti'),
  };
}

function readValidity(claims: ClaimReader) {
  return {
    scopes: claims.scope(),
    expiresAt: claims.seconds('exp') * 1000,
    issuer: claims.string('iss'),
    audience: Object.freeze(claims.strings('aud')),
  };
}

/** Reads members of a JSON object and accepts no conversion: `"false"` is not a boolean and `"5"` is not a number. */
class ClaimReader {
  readonly #claims: Record<string, unknown>;

  constructor(response: unknown) {
    if (typeof response !== 'object' || response === null || Array.isArray(response)) {
      throw new IntrospectionUnavailableError('the introspection response is not an object');
    }
    this.#claims = response as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#claims, name);
  }

  active(): boolean {
    const value = this.#get('active');
    return typeof value === 'boolean' ? value : this.#refuse('active');
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#refuse(name);
  }

  optionalString(name: string): string | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    return typeof value === 'string' && value !== '' ? value : this.#refuse(name);
  }

  /** A string or an array of strings, as `aud` is (RFC 7519 section 4.1.3). */
  strings(name: string): string[] {
    const values = [this.#get(name)].flat();
    return values.every((value) => typeof value === 'string') ? values : this.#refuse(name);
  }

  /** A time in whole seconds since the epoch. */
  seconds(name: string): number {
    const value = this.#get(name);
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : this.#refuse(name);
  }

  /** Nothing granted means that nothing is allowed. */
  scope(): ScopeSet {
    const value = this.#get('scope') ?? '';
    if (typeof value !== 'string') return this.#refuse('scope');
    if (value === '') return ScopeSet.EMPTY;
    try {
      return ScopeSet.parse(value);
    } catch (error) {
      if (error instanceof InvalidScopeSyntaxError) this.#refuse('scope');
      throw error;
    }
  }

  #get(name: string): unknown {
    return this.has(name) ? this.#claims[name] : undefined;
  }

  #refuse(name: string): never {
    throw new IntrospectionUnavailableError(`the introspection response has no usable "${name}"`);
  }
}
