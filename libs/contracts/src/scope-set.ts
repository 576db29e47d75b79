/** One `scope-token`: visible ASCII without `"` and `\` (RFC 6749 section 3.3). */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** More than the combinations of scopes in use. */
const MAX_INTERNED = 1000;

/** Thrown by {@link ScopeSet.parse} for text that is not the `scope` syntax of RFC 6749 section 3.3. */
export class InvalidScopeSyntaxError extends Error {
  override readonly name = 'InvalidScopeSyntaxError';
}

/**
 * An immutable set of scope names. The order is kept for display only; names are case-sensitive and match exactly
 * (`read` never covers `readwrite`).
 *
 * @see RFC 6749 section 3.3
 */
export class ScopeSet implements Iterable<string> {
  static readonly EMPTY = new ScopeSet([]);

  static readonly #interned = new Map<string, ScopeSet>();

  readonly #names: ReadonlySet<string>;
  readonly #text: string;

  private constructor(names: Iterable<string>) {
    this.#names = new Set(names);
    this.#text = [...this.#names].join(' ');
  }

  /**
   * Reads a `scope` value: names separated by single spaces. Repeated names count once.
   *
   * @throws InvalidScopeSyntaxError on an empty value, other white space or characters outside the syntax
   */
  static parse(value: string): ScopeSet {
    return ScopeSet.of(value.split(' '));
  }

  /**
   * The same for a granted value, and not for values from requests: the same few values are read with every token and
   * every authorization, so equal values share one set.
   */
  static intern(value: string): ScopeSet {
    let set = ScopeSet.#interned.get(value);
    if (set === undefined) {
      set = ScopeSet.parse(value);
      if (ScopeSet.#interned.size < MAX_INTERNED) ScopeSet.#interned.set(value, set);
    }
    return set;
  }

  /** @throws InvalidScopeSyntaxError when a name is not a `scope-token` */
  static of(names: Iterable<string>): ScopeSet {
    const set = new ScopeSet(names);
    for (const name of set) {
      if (!SCOPE_TOKEN.test(name)) throw new InvalidScopeSyntaxError('The scope is malformed');
    }
    return set;
  }

  static isScopeName(value: string): boolean {
    return SCOPE_TOKEN.test(value);
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** True when every name of `other` is in this set; so every set covers the empty set. */
  covers(other: ScopeSet): boolean {
    for (const name of other.#names) if (!this.#names.has(name)) return false;
    return true;
  }

  intersect(other: ScopeSet): ScopeSet {
    return other.covers(this) ? this : new ScopeSet([...this].filter((name) => other.has(name)));
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#names[Symbol.iterator]();
  }

  /** The names, because `JSON.stringify` cannot serialise a set. */
  toJSON(): string[] {
    return [...this.#names];
  }

  /** The wire form: names separated by single spaces; empty for the empty set. */
  toString(): string {
    return this.#text;
  }
}
