import type { AccountDelay } from '../../protection/login-throttle.js';
import { time } from '../common/times.js';
import type { StoredUser } from '../../users/user.js';

/** Logins from these sources are answered like a wrong password until then, because of so many failed ones. */
export interface ThrottledResponse {
  sources: AccountDelay['sources'];
  reason: 'failed_logins';
  failed_logins: number;
  last_failed_at: string;
  until: string;
}

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
  /** Logins that must wait, where it was asked for. */
  throttled?: ThrottledResponse[];
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

export function toThrottledResponse({ sources, failures, lastAt, until }: AccountDelay): ThrottledResponse {
  return {
    sources,
    reason: 'failed_logins',
    failed_logins: failures,
    last_failed_at: time(lastAt),
    until: time(until),
  };
}
