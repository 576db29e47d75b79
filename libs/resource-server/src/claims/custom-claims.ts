import { Refusal } from '../refusals/refusal.js';
import type { AccessToken } from './access-token.js';

/** Reads the claims that an application needs in addition to those of the guard. */
export type ClaimsParser = (claims: Readonly<Record<string, unknown>>) => object;

/**
 * Adds the claims of the application to a token. They are frozen, because all requests with this token share them, and
 * not enumerable, because some authorization servers repeat the token itself in them.
 *
 * @param parse `null`: all claims unchanged
 * @returns a refusal when the application's parser does not accept them
 */
export function withCustomClaims(
  token: Omit<AccessToken, 'claims'>,
  claims: Readonly<Record<string, unknown>>,
  parse: ClaimsParser | null,
): AccessToken | Refusal {
  deepFreeze(claims);
  let value: unknown = claims;
  if (parse !== null) {
    try {
      value = deepFreeze(assertObject(parse(claims)));
    } catch (error) {
      return new Refusal('claims', { expected: 'what claims.parse accepts', found: messageOf(error) });
    }
  }
  return Object.freeze(Object.defineProperty(token, 'claims', { value }) as AccessToken);
}

function assertObject(value: unknown): object {
  if (value instanceof Promise) {
    // An unhandled rejection would end the process.
    value.catch(() => undefined);
    throw new TypeError('claims.parse must not return a promise');
  }
  if (typeof value !== 'object' || value === null) throw new TypeError('claims.parse must return an object');
  return value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Iterates without recursion, because JSON from outside may be nested deeply. Class instances are left alone. */
function deepFreeze<T extends object>(root: T): T {
  const waiting: unknown[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (!isPlain(value) || Object.isFrozen(value)) continue;
    Object.freeze(value);
    for (const member of Object.values(value) as unknown[]) if (member !== undefined) waiting.push(member);
  }
  return root;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
