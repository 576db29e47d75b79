import { InvalidScopeSyntaxError, ScopeSet } from '@latchkey/contracts';

/** A claim is missing or of another type than specified. The message names the claim without its value. */
export class MalformedClaimsError extends Error {
  override readonly name = 'MalformedClaimsError';
}

/**
 * Reads members of a JSON object without conversions: `"false"` is not a boolean and `"5"` is not a number. A member
 * with the value `null` counts as missing.
 */
export class ClaimReader {
  readonly #claims: Readonly<Record<string, unknown>>;

  /** @throws MalformedClaimsError when it is no object */
  constructor(claims: unknown) {
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw new MalformedClaimsError('is not an object');
    }
    this.#claims = claims as Record<string, unknown>;
  }

  /** All claims, for rules of the application. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#claims;
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  boolean(name: string): boolean {
    const value = this.#get(name);
    return typeof value === 'boolean' ? value : this.#refuse(name);
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#refuse(name);
  }

  optionalString(name: string): string | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    return typeof value === 'string' && value !== '' ? value : this.#refuse(name);
  }

  /** A string or an array of strings, like `aud` (RFC 7519 section 4.1.3). */
  strings(name: string): string[] {
    const values = [this.#get(name)].flat();
    return values.every((value) => typeof value === 'string') ? values : this.#refuse(name);
  }

  /**
   * All strings of a nested array, as in `realm_access.roles`.
   *
   * @returns an empty array when one of the members is missing
   */
  stringsAt([name = '', ...rest]: readonly string[]): string[] {
    if (!this.has(name)) return [];
    if (rest.length === 0) return this.strings(name);
    try {
      return new ClaimReader(this.#get(name)).stringsAt(rest);
    } catch {
      return this.#refuse(name);
    }
  }

  /** A text; an empty one counts as missing. */
  optionalText(name: string): string | null {
    return this.#get(name) === '' ? null : this.optionalString(name);
  }

  /**
   * A time in seconds since the epoch, possibly with a fraction (NumericDate, RFC 7519 section 2).
   *
   * @returns milliseconds, rounded down
   */
  optionalTime(name: string): number | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    const isTime = typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
    return isTime ? Math.floor(value * 1000) : this.#refuse(name);
  }

  /** A non-negative whole number. */
  integer(name: string): number {
    return this.optionalInteger(name) ?? this.#refuse(name);
  }

  optionalInteger(name: string): number | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : this.#refuse(name);
  }

  /**
   * Scopes, separated by spaces or in an array.
   *
   * @returns `null` without any scope
   */
  scope(name: string): ScopeSet | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    if (value === '') return ScopeSet.EMPTY;
    if (typeof value !== 'string' && !Array.isArray(value)) return this.#refuse(name);
    try {
      return typeof value === 'string' ? ScopeSet.parse(value) : ScopeSet.of(this.strings(name));
    } catch (error) {
      if (error instanceof InvalidScopeSyntaxError) this.#refuse(name);
      throw error;
    }
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#claims, name) ? (this.#claims[name] ?? undefined) : undefined;
  }

  #refuse(name: string): never {
    throw new MalformedClaimsError(this.has(name) ? `has an unusable "${name}"` : `has no "${name}"`);
  }
}
