import { InvalidScopeSyntaxError, ScopeSet } from '@latchkey/contracts';

/** A claim is missing or of another type than its specification says. Names the claim and repeats no value. */
export class MalformedClaimsError extends Error {
  override readonly name = 'MalformedClaimsError';
}

/** Reads members of a JSON object and accepts no conversion: `"false"` is not a boolean and `"5"` is not a number. */
export class ClaimReader {
  readonly #claims: Readonly<Record<string, unknown>>;

  /** @throws MalformedClaimsError when it is no object */
  constructor(claims: unknown) {
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw new MalformedClaimsError('is not an object');
    }
    this.#claims = claims as Record<string, unknown>;
  }

  /** Everything, for rules that are not ours. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#claims;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#claims, name);
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

  /** A string or an array of strings, as `aud` is (RFC 7519 section 4.1.3). */
  strings(name: string): string[] {
    const values = [this.#get(name)].flat();
    return values.every((value) => typeof value === 'string') ? values : this.#refuse(name);
  }

  /** A whole number that is not negative, such as a time in seconds since the epoch. */
  integer(name: string): number {
    return this.optionalInteger(name) ?? this.#refuse(name);
  }

  optionalInteger(name: string): number | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : this.#refuse(name);
  }

  /** @returns `null` where no scope is named */
  scope(name: string): ScopeSet | null {
    const value = this.#get(name);
    if (value === undefined) return null;
    if (typeof value !== 'string') return this.#refuse(name);
    if (value === '') return ScopeSet.EMPTY;
    try {
      return ScopeSet.parse(value);
    } catch (error) {
      if (error instanceof InvalidScopeSyntaxError) this.#refuse(name);
      throw error;
    }
  }

  #get(name: string): unknown {
    return this.has(name) ? this.#claims[name] : undefined;
  }

  #refuse(name: string): never {
    throw new MalformedClaimsError(`has no usable "${name}"`);
  }
}
