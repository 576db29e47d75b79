/** An authorization was revoked. Times in milliseconds since the epoch, by the database's clock. */
interface RevokedAuthorization {
  readonly kind: 'authorization';
  readonly sid: string;
  /** The client of the authorization; `null` from a server of an earlier version. */
  readonly clientId: string | null;
  /** The APIs that its tokens may be for; `null` when the list does not fit into a notification. */
  readonly audience: readonly string[] | null;
  readonly at: number;
}

/** A resource owner was changed. An epoch that is higher than before ended all tokens; so does a deletion. */
interface ChangedUser {
  readonly kind: 'user';
  readonly sub: string;
  readonly epoch: number;
  readonly at: number;
}

/** A client was changed, which includes its secrets. The epoch has the same meaning. */
interface ChangedClient {
  readonly kind: 'client';
  readonly clientId: string;
  readonly epoch: number;
  readonly at: number;
}

/** A change that ends tokens or changes what they grant. */
export type Revocation = RevokedAuthorization | ChangedUser | ChangedClient;

/** Data keys were added or removed. */
interface ChangedDataKeys {
  readonly kind: 'data_keys';
}

/** Scopes were added or deleted. */
interface ChangedScopes {
  readonly kind: 'scopes';
}

/** Groups with rules, or the rules of a group, were changed. */
interface ChangedGroups {
  readonly kind: 'groups';
}

/** Access tokens may live longer than announced before. */
interface RaisedTokenLifetime {
  readonly kind: 'token_lifetime';
}

/** A change that all servers of an installation receive at once, because any of them may have cached the old state. */
export type Change = Revocation | ChangedDataKeys | ChangedScopes | ChangedGroups | RaisedTokenLifetime;

export function formatChange(change: Change): string {
  return JSON.stringify(change);
}

/** @returns `null` for text that is no change known to this version */
export function parseChange(text: string): Change | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isChange(value) ? complete(value) : null;
}

/** Adds the fields that servers of an earlier version leave out. */
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
