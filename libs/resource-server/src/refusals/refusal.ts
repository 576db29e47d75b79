/** Why requests are refused. A closed list, so that it can be the label of a counter. */
export const REFUSAL_REASONS = [
  // The request shows no token that could be judged.
  'no_token',
  'several_tokens',
  'malformed',
  'too_long',
  // The token is not good here.
  'inactive',
  'revoked',
  'issuer',
  'audience',
  'expired',
  'not_yet_valid',
  'token_type',
  'key_bound',
  'algorithm',
  'unknown_key',
  'signature',
  'claims',
  // The token is good, and not enough.
  'scope',
  'group',
  'owner_token',
  'owner',
  'policy',
  'acr',
  'login_age',
  // Nothing is known about the token.
  'unavailable',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Values of a list that are shown, and characters of each. */
const MAX_VALUES = 5;
const MAX_LENGTH = 100;

/**
 * Why a token or a request is refused, for logs and counters; clients learn less. Holds no part of a token's text. What
 * was expected and found is kept as it may be logged: cut, quoted, and in visible ASCII, because it can be an attacker's.
 */
export class Refusal {
  readonly expected: string | null;
  readonly found: string | null;

  constructor(
    readonly reason: RefusalReason,
    { expected, found }: { expected?: string | readonly string[]; found?: string | readonly string[] } = {},
  ) {
    this.expected = expected === undefined ? null : shown(expected);
    this.found = found === undefined ? null : shown(found);
  }

  /** For people: the reason, and what was expected and found where that is known. */
  toString(): string {
    const { reason, expected, found } = this;
    return [
      reason,
      ...(expected === null ? [] : [`expected ${expected}`]),
      ...(found === null ? [] : [`found ${found}`]),
    ].join(', ');
  }
}

function shown(value: string | readonly string[]): string {
  if (typeof value === 'string') return quoted(value);
  if (value.length === 0) return 'none';
  const more = value.length - MAX_VALUES;
  const first = value.slice(0, MAX_VALUES).map(quoted).join(' ');
  return more > 0 ? `${first} and ${more} more` : first;
}

function quoted(text: string): string {
  const isCut = text.length > MAX_LENGTH;
  const ascii = JSON.stringify(text.slice(0, MAX_LENGTH)).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return isCut ? `${ascii}...` : ascii;
}
