import { ScopeSet } from '@latchkey/contracts';
import type { Row } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { StoredUser, User } from './user.js';
import type { DisabledBy } from '../clients/client.js';

/** Of a user, with what only those who administer users want to know. */
export const STORED_USER = sql`users.*,
  (SELECT max(last_at) FROM password_logins WHERE user_key = users.key) AS last_login_at`;

export interface UserRow extends Row {
  key: number;
  sub: string;
  username: string;
  password_hash: string;
  password_change_required: boolean | number;
  groups: string;
  allowed_scope: string | null;
  disabled_by: DisabledBy | null;
  epoch: number;
  version: number;
  created_at: number;
  updated_at: number;
}

export function toUser(row: UserRow): User {
  return {
    key: row.key,
    sub: row.sub,
    username: row.username,
    passwordHash: row.password_hash,
    passwordChangeRequired: Boolean(row.password_change_required),
    groups: JSON.parse(row.groups) as string[],
    allowedScope: row.allowed_scope === null ? null : ScopeSet.of(row.allowed_scope.split(' ')),
    enabled: row.disabled_by === null,
    epoch: row.epoch,
  };
}

export interface StoredUserRow extends UserRow {
  last_login_at: number | null;
}

export function toStoredUser(row: StoredUserRow): StoredUser {
  return {
    user: toUser(row),
    disabledBy: row.disabled_by,
    version: row.version,
    lastLoginAt: row.last_login_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
