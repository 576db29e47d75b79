import { isUtf8 } from 'node:buffer';
import { OAuthError } from './oauth-error.js';

/** RFC 8707 section 2. */
const REPEATABLE: ReadonlySet<string> = new Set(['resource']);

/** More than any request needs, and few enough to be cheap. */
const MAX_REPETITIONS = 20;

/**
 * The parameters of an `application/x-www-form-urlencoded` body (RFC 6749 appendix B). An empty value counts as
 * missing. A repeated parameter is refused, also if it is unknown (RFC 6749 section 3.1).
 */
export class FormParameters {
  static readonly NONE = new FormParameters(new Map());

  readonly #values: ReadonlyMap<string, readonly string[]>;

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  /** @throws OAuthError invalid_request on broken escapes, bytes that are not UTF-8, or a repeated name */
  static parse(body: Buffer): FormParameters {
    const values = new Map<string, string[]>();
    for (const pair of decodeUtf8(body).split('&')) {
      if (pair === '') continue;
      const separator = pair.indexOf('=');
      const name = decodeFormComponent(separator === -1 ? pair : pair.slice(0, separator));
      const value = separator === -1 ? '' : decodeFormComponent(pair.slice(separator + 1));
      if (name === null || value === null) {
        throw OAuthError.invalidRequest('The body has a broken percent escape');
      }
      const before = values.get(name);
      if (before === undefined) {
        values.set(name, [value]);
        continue;
      }
      if (!REPEATABLE.has(name) || before.length === MAX_REPETITIONS) {
        throw OAuthError.invalidRequest('A parameter is repeated');
      }
      before.push(value);
    }
    return new FormParameters(values);
  }

  /**
   * The members of a JSON object, as clients of other servers send them: strings, and lists of strings, which are
   * joined with spaces.
   *
   * @throws OAuthError invalid_request for other members
   */
  static ofJson(body: object): FormParameters {
    const values = Object.entries(body).map(([name, value]: [string, unknown]) => {
      const texts: readonly unknown[] = Array.isArray(value) ? value : [value ?? ''];
      if (!texts.every((text) => typeof text === 'string')) {
        throw OAuthError.invalidRequest('A member of the body is neither a text nor a list of texts');
      }
      return [name, [texts.join(' ')]] as const;
    });
    return new FormParameters(new Map(values));
  }

  /** @throws OAuthError invalid_request when the body is no such object */
  static parseJson(body: Buffer): FormParameters {
    const text = decodeUtf8(body);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = null;
    }
    if (typeof value !== 'object' || value === null)
      throw OAuthError.invalidRequest('The body is no JSON object');
    return FormParameters.ofJson(value);
  }

  /** A copy in which the parameter has this value. */
  with(name: string, value: string): FormParameters {
    return new FormParameters(new Map([...this.#values, [name, [value]]]));
  }

  get(name: string): string | null {
    const values = this.#values.get(name);
    if (values?.length === 1) return values[0] || null;
    return values?.find((value) => value !== '') ?? null;
  }

  /** All values of a parameter that may be repeated. */
  getAll(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).filter((value) => value !== '');
  }

  /** @throws OAuthError invalid_request */
  require(name: string): string {
    const value = this.get(name);
    if (value === null) throw OAuthError.invalidRequest(`The parameter ${name} is missing`);
    return value;
  }
}

/** Decodes `+` and percent escapes. `null` when an escape is malformed or the bytes are not UTF-8. */
export function decodeFormComponent(text: string): string | null {
  // A fast path: most names and values have no escapes.
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

function decodeUtf8(body: Buffer): string {
  if (!isUtf8(body)) throw OAuthError.invalidRequest('The body is not UTF-8');
  return body.toString();
}
