import { ConfigurationError } from './configuration-error.js';
import { readSecretFiles } from './secret-files.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads typed settings from environment variables and collects every problem, so that one start names all of them.
 * A variable that is set but empty counts as absent. Messages name variables and never repeat values.
 */
export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #unreadable: ReadonlyMap<string, string>;
  readonly #problems: string[];

  /** @param secrets the variables that may come from a file, named by `NAME_FILE` */
  constructor(environment: Environment, secrets: readonly string[] = []) {
    const files = readSecretFiles(environment, secrets);
    this.#environment = files.environment;
    this.#unreadable = files.problems;
    this.#problems = [...files.problems].map(([name, problem]) => `${name} ${problem}`);
  }

  optional(name: string): string | null {
    return this.#environment[name] || null;
  }

  string(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === null) this.problem(name, 'is required');
    return value ?? '';
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.optional(name);
    if (value === null) return fallback;
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= range.min && number <= range.max) return number;
    this.problem(name, `must be a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: NoInfer<T>): T {
    const value = this.optional(name);
    if (value === null) return fallback;
    const match = allowed.find((candidate) => candidate === value);
    if (match === undefined) this.problem(name, `must be one of ${allowed.join(', ')}`);
    return match ?? fallback;
  }

  /** An absolute http(s) URL without credentials, query and fragment, exactly as it is written. */
  url(name: string, fallback: string | null): string {
    const value = fallback === null ? this.required(name) : this.string(name, fallback);
    if (value === '') return value;
    const url = URL.canParse(value) ? new URL(value) : null;
    const usable =
      url !== null &&
      (url.protocol === 'https:' || url.protocol === 'http:') &&
      url.username + url.password + url.search + url.hash === '' &&
      !/[?#]/.test(value);
    if (!usable) this.problem(name, 'must be an http or https URL without credentials, query and fragment');
    return value;
  }

  /** The same, to append paths to: without a slash at its end. */
  baseUrl(name: string, fallback: string | null): string {
    return this.url(name, fallback).replace(/\/$/, '');
  }

  /** What was wrong with a variable's file was said already, and explains the rest. */
  problem(name: string, description: string): void {
    if (!this.#unreadable.has(name)) this.#problems.push(`${name} ${description}`);
  }

  /** @throws ConfigurationError naming every problem found so far */
  assertValid(): void {
    if (this.#problems.length > 0) throw new ConfigurationError('The environment', this.#problems);
  }
}
