/** Why requests are refused. A closed list, so that it can be the label of a counter. */
export const REFUSAL_REASONS = [
  // The request has no token that can be checked.
  'no_token',
  'several_tokens',
  'malformed',
  'too_long',
  // The token is not valid here.
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
  // The token is valid, but not sufficient.
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

/** Maximum number of values that are shown, and of characters of each. */
const MAX_VALUES = 5;
const MAX_LENGTH = 100;

/**
 * Why a token or a request is refused, for logs and counters; clients learn less. It contains no part of a token's
 * text. Expected and found values are stored in a form that is safe to log: shortened, quoted, and in visible ASCII,
 * because an attacker may have chosen them.
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

  /** A text for the log: the reason, with the expected and found values if known. */
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
