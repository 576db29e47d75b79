import { ScopeSet } from '@latchkey/contracts';
import { memoized } from '@latchkey/platform/caching';
import { idFromBytes, type Row } from '@latchkey/platform/database';
import type {
  Authorization,
  AuthorizationState,
  CachedAuthorization,
  NamedAuthorization,
} from './authorization.js';

const MAX_SHARED_AUDIENCES = 1000;

export interface AuthorizationRow extends Row {
  id: Buffer;
  client_key: number;
  client_epoch: number;
  user_key: number | null;
  user_epoch: number | null;
  scope: string;
  audience: string;
  amr: string | null;
  address: string | null;
  seed: Buffer | null;
  generation: number;
  created_at: number;
  rotated_at: number | null;
  rotated_from: string | null;
  retries: number;
  expires_at: number;
  revoked_at: number | null;
}

export interface NamedAuthorizationRow extends AuthorizationRow {
  client_id: string | null;
  owner_sub: string | null;
}

/** Joined with the current state of its client and user; all their columns are `null` when they were deleted. */
export interface AuthorizationStateRow extends AuthorizationRow {
  current_client_id: string | null;
  current_client_scope: string;
  current_client_audience: string;
  current_client_epoch: number;
  current_client_disabled_by: string | null;
  current_user_sub: string | null;
  current_user_username: string;
  current_user_groups: string;
  current_user_allowed_scope: string | null;
  current_user_epoch: number;
  current_user_disabled_by: string | null;
  now: number;
}

export function toNamed(row: NamedAuthorizationRow): NamedAuthorization {
  return { ...toCached(row), clientId: row.client_id, ownerSub: row.owner_sub };
}

function toCached(row: AuthorizationRow): CachedAuthorization {
  return {
    id: idFromBytes(row.id),
    clientKey: row.client_key,
    clientEpoch: row.client_epoch,
    userKey: row.user_key,
    userEpoch: row.user_epoch,
    scope: scopeOf(row.scope),
    audience: audienceOf(row.audience),
    amr: amrOf(row),
    // The driver may return a slice of a larger buffer. A copy keeps the larger buffer from staying in memory.
    seed: row.seed && Buffer.concat([row.seed]),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}

export function toAuthorization(row: AuthorizationRow): Authorization {
  return {
    ...toCached(row),
    address: row.address,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    rotatedFrom: row.rotated_from,
    retries: row.retries,
  };
}

export function toState(row: AuthorizationStateRow): AuthorizationState {
  return {
    authorization: toAuthorization(row),
    client:
      row.current_client_id === null
        ? null
        : {
            clientId: row.current_client_id,
            scope: scopeOf(row.current_client_scope),
            audience: audienceOf(row.current_client_audience),
            epoch: row.current_client_epoch,
            enabled: row.current_client_disabled_by === null,
          },
    owner:
      row.current_user_sub === null
        ? null
        : {
            sub: row.current_user_sub,
            username: row.current_user_username,
            groups: JSON.parse(row.current_user_groups) as string[],
            allowedScope:
              row.current_user_allowed_scope === null ? null : scopeOf(row.current_user_allowed_scope),
            epoch: row.current_user_epoch,
            enabled: row.current_user_disabled_by === null,
          },
    now: row.now,
  };
}

const MULTIPLE_FACTORS = memoized<readonly string[]>(MAX_SHARED_AUDIENCES, (text) => text.split(' '));
const PASSWORD: readonly string[] = ['pwd'];
const NO_LOGIN: readonly string[] = [];

function amrOf({ amr, user_key: userKey }: AuthorizationRow): readonly string[] {
  if (amr !== null) return MULTIPLE_FACTORS(amr);
  return userKey === null ? NO_LOGIN : PASSWORD;
}

/** Few audiences are in use, by many authorizations, which share one list. */
const audienceOf = memoized<readonly string[]>(MAX_SHARED_AUDIENCES, (text) => text.split(' '));

function scopeOf(text: string): ScopeSet {
  return text === '' ? ScopeSet.EMPTY : ScopeSet.intern(text);
}
