import { isIP } from 'node:net';
import { ConfigurationError } from './configuration-error.js';
import { readSecretFiles } from './secret-files.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A URL up to its path, without a user name. */
const URL_TEXT = /^https?:\/\/[^/?#@\\]+(\/[^?#\\]*)?$/;

/** VSCHAR of RFC 6749 appendix A; an empty text is refused elsewhere. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** The same without the space. */
const VISIBLE = /^[\x21-\x7e]*$/;

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

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

  /** Whether `NODE_ENV` selects the rules of production. A misspelled value is refused, not taken for development. */
  production(): boolean {
    return this.oneOf('NODE_ENV', ['production', 'development', 'test'], 'development') === 'production';
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

  /** Text in printable ASCII, as the names and secrets of clients are (RFC 6749 appendix A). */
  printable(name: string): string {
    const value = this.required(name);
    if (!PRINTABLE.test(value)) this.problem(name, 'must be printable ASCII, without line breaks');
    return value;
  }

  /** The same without spaces, as the names of APIs are. */
  visible(name: string): string {
    const value = this.required(name);
    if (!VISIBLE.test(value)) this.problem(name, 'must be printable ASCII, without spaces and line breaks');
    return value;
  }

  /** An address or host name to listen on; an IPv6 address without brackets. */
  host(name: string, fallback: string): string {
    const host = this.string(name, fallback).replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) === 0 && !HOST_NAME.test(host)) {
      this.problem(name, 'must be an IP address or a host name, without a scheme and a port');
    }
    return host;
  }

  /** An absolute http(s) URL without credentials, query and fragment, exactly as written. */
  url(name: string, fallback: string | null): string {
    const value = fallback === null ? this.required(name) : this.string(name, fallback);
    // A problem of the variable that a fallback comes from is reported there.
    if (this.optional(name) !== null && !isPlainUrl(value)) {
      this.problem(
        name,
        'must be an http or https URL without user name, query, fragment, spaces and line breaks',
      );
    }
    return value;
  }

  /** The same without a slash at its end, so that paths can be appended. */
  baseUrl(name: string, fallback: string | null): string {
    return this.url(name, fallback).replace(/\/$/, '');
  }

  /** A problem with a variable's file was reported already, so others of the same variable are not. */
  problem(name: string, description: string): void {
    if (!this.#unreadable.has(name)) this.#problems.push(`${name} ${description}`);
  }

  /** @throws ConfigurationError naming every problem found so far */
  assertValid(): void {
    if (this.#problems.length > 0) throw new ConfigurationError('The environment', this.#problems);
  }
}

/** Whether a URL means exactly what is written: parsers ignore line breaks, and resolve `..` and `%2e`. */
function isPlainUrl(value: string): boolean {
  const match = URL_TEXT.exec(value);
  if (match === null || !VISIBLE.test(value) || !URL.canParse(value)) return false;
  return new URL(value).pathname === (match[1] ?? '/');
}
