/** An authorization was revoked. Times in milliseconds since the epoch, by the database's clock. */
export interface RevokedAuthorization {
  readonly kind: 'authorization';
  readonly sid: string;
  /** Whose it was; `null` from a server of an earlier version. */
  readonly clientId: string | null;
  /** The APIs that its tokens may be for; `null` when they are too many to be told. */
  readonly audience: readonly string[] | null;
  readonly at: number;
}

/** Something about a resource owner was changed. A higher epoch than before ended all tokens, also by deletion. */
export interface ChangedUser {
  readonly kind: 'user';
  readonly sub: string;
  readonly epoch: number;
  readonly at: number;
}

/** The same about a client, its secrets included. */
export interface ChangedClient {
  readonly kind: 'client';
  readonly clientId: string;
  readonly epoch: number;
  readonly at: number;
}

/** What ends tokens, or changes what they are good for. */
export type Revocation = RevokedAuthorization | ChangedUser | ChangedClient;

/** There are other data keys than before. */
export interface ChangedDataKeys {
  readonly kind: 'data_keys';
}

/** There are other scopes than before. */
export interface ChangedScopes {
  readonly kind: 'scopes';
}

/** There are other groups with rules, or other rules, than before. */
export interface ChangedGroups {
  readonly kind: 'groups';
}

/** Access tokens may live longer than was told so far. */
export interface RaisedTokenLifetime {
  readonly kind: 'token_lifetime';
}

/** What all servers of an installation are told at once: whatever any of them may have remembered. */
export type Change = Revocation | ChangedDataKeys | ChangedScopes | ChangedGroups | RaisedTokenLifetime;

export function formatChange(change: Change): string {
  return JSON.stringify(change);
}

/** @returns `null` for what is no change as this version knows them */
export function parseChange(text: string): Change | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isChange(value) ? complete(value) : null;
}

/** What servers of an earlier version leave out. */
function complete(change: Change): Change {
  return change.kind === 'authorization' ? { ...change, clientId: change.clientId ?? null } : change;
}

function isChange(value: unknown): value is Change {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, sid, sub, clientId, epoch, at, audience } = value as Record<string, unknown>;
  switch (kind) {
    case 'authorization':
      return typeof sid === 'string' && isOptionalText(clientId) && isWhole(at) && isAudience(audience);
    case 'user':
      return typeof sub === 'string' && isWhole(epoch) && isWhole(at);
    case 'client':
      return typeof clientId === 'string' && isWhole(epoch) && isWhole(at);
    case 'data_keys':
    case 'scopes':
    case 'groups':
    case 'token_lifetime':
      return true;
    default:
      return false;
  }
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function isAudience(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.every((name) => typeof name === 'string'));
}
