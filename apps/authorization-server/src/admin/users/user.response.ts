import type { StoredUser } from '../../users/user-repository.js';
import { time } from '../common/times.js';

/** A resource owner: everything but the password. */
export interface UserResponse {
  sub: string;
  username: string;
  groups: readonly string[];
  allowed_scope: string | null;
  password_change_required: boolean;
  enabled: boolean;
  /** With a password. */
  last_login_at: string | null;
  created_at: string;
  updated_at: string;
  /** What to know of the password hash that was just given. */
  warnings?: string[];
}

export function toUserResponse({ user, lastLoginAt, createdAt, updatedAt }: StoredUser): UserResponse {
  return {
    sub: user.sub,
    username: user.username,
    groups: user.groups,
    allowed_scope: user.allowedScope?.toString() ?? null,
    password_change_required: user.passwordChangeRequired,
    enabled: user.enabled,
    last_login_at: lastLoginAt === null ? null : time(lastLoginAt),
    created_at: time(createdAt),
    updated_at: time(updatedAt),
  };
}
