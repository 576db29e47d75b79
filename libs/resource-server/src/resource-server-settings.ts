import type { ResourceServerOptions } from './resource-server-options.js';
import type { TokenIntrospector } from './token-introspector.js';

const DEFAULT_TIMEOUT_MS = 2000;
const MAX_TIMEOUT_MS = 60_000;

/** Visible ASCII and space without `"` and `\`: fits a quoted string of a challenge as it is. */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The options, checked and with their defaults. JavaScript callers and values from the environment have no types to
 * protect them, and an empty issuer or audience would leave a check without effect.
 */
export class ResourceServerSettings implements Required<Omit<ResourceServerOptions, 'introspector'>> {
  readonly introspector: TokenIntrospector | null;
  /** Empty, as the credentials, where an introspector makes them useless. */
  readonly introspectionEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly realm: string;
  readonly timeoutMs: number;

  /** @throws TypeError naming every wrong option, never a value */
  constructor(options: ResourceServerOptions) {
    this.introspector = options.introspector ?? null;
    this.introspectionEndpoint = options.introspectionEndpoint ?? '';
    this.clientId = options.clientId ?? '';
    this.clientSecret = options.clientSecret ?? '';
    this.issuer = options.issuer;
    this.audience = options.audience;
    this.realm = options.realm ?? options.audience;
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const problems = this.#problems();
    if (problems.length > 0) throw new TypeError(`ResourceServerModule: ${problems.join('; ')}`);
    Object.freeze(this);
  }

  #problems(): string[] {
    const problems: string[] = [];
    const credentials = this.introspector === null ? (['clientId', 'clientSecret'] as const) : [];
    for (const name of [...credentials, 'issuer', 'audience'] as const) {
      if (typeof this[name] !== 'string' || this[name] === '') problems.push(`${name} is required`);
    }
    if (this.introspector === null && !isEndpoint(this.introspectionEndpoint)) {
      problems.push('introspectionEndpoint must be an http or https URL without credentials and fragment');
    }
    if (!QUOTABLE.test(this.realm)) {
      problems.push('realm (or else audience) must be visible ASCII without double quote and backslash');
    }
    if (!Number.isInteger(this.timeoutMs) || this.timeoutMs < 1 || this.timeoutMs > MAX_TIMEOUT_MS) {
      problems.push(`timeoutMs must be a whole number from 1 to ${MAX_TIMEOUT_MS}`);
    }
    return problems;
  }
}

function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + hash === '';
}
