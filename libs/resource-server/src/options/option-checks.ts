/**
 * Collects problems of options. JavaScript callers and values from the environment have no type checks, and an empty
 * issuer or audience would make a check ineffective.
 */
export class OptionChecks {
  readonly #problems: string[] = [];

  check(isRight: boolean, problem: string): void {
    if (!isRight) this.#problems.push(problem);
  }

  text(name: string, value: unknown): void {
    this.check(typeof value === 'string' && value !== '', `${name} is required`);
  }

  texts(name: string, values: readonly unknown[]): void {
    this.check(values.length > 0, `${name} is required`);
    for (const value of values) this.text(name, value);
  }

  /** @returns the value, so that it is read and checked in one expression */
  integer(name: string, value: number, min: number, max: number): number {
    const isRight = Number.isInteger(value) && value >= min && value <= max;
    this.check(isRight, `${name} must be a whole number from ${min} to ${max}`);
    return value;
  }

  endpoint(name: string, value: unknown): void {
    const isRight = typeof value === 'string' && isEndpoint(value);
    this.check(isRight, `${name} must be an http or https URL without credentials and fragment`);
  }

  /** @throws TypeError naming every wrong option, never a value */
  assertNone(): void {
    if (this.#problems.length > 0) throw new TypeError(`ResourceServerModule: ${this.#problems.join('; ')}`);
  }
}

function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + hash === '';
}
