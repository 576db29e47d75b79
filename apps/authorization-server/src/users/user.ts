import { MAX_GROUPS_BYTES, type ScopeSet } from '@latchkey/contracts';
import type { EntryFields } from '../audit/field-changes.js';
import type { DisabledBy } from '../clients/client.js';

/** How many groups a user may have, and how many bytes they take at most. */
export const GROUP_LIMITS = { max: 1000, maxBytes: MAX_GROUPS_BYTES };

/** A resource owner (RFC 6749 section 1.1). */
export interface User {
  /** Internal and never reused. */
  readonly key: number;
  /** Immutable; what tokens and resources know the user by. */
  readonly sub: string;
  /** Canonical. */
  readonly username: string;
  /** In one of the forms that `parsePasswordHash` reads. */
  readonly passwordHash: string;
  /** Until it is changed, the password opens nothing but the self-service. */
  readonly passwordChangeRequired: boolean;
  readonly groups: readonly string[];
  /** What the user may have at most; `null`: no limit. */
  readonly allowedScope: ScopeSet | null;
  readonly enabled: boolean;
  /** Raised by every change that must end the user's authorizations at once. */
  readonly epoch: number;
}

/** What a new user is made of. */
export interface NewUser {
  readonly sub: string;
  readonly username: string;
  readonly passwordHash: string;
  readonly passwordChangeRequired?: boolean;
  readonly groups: readonly string[];
  readonly allowedScope: ScopeSet | null;
  /** Who disables the user from the beginning; `null`: the user is enabled. */
  readonly disabledBy: DisabledBy | null;
}

export interface StoredUser {
  readonly user: User;
  readonly disabledBy: DisabledBy | null;
  /** Raised by every change but that of a hash of the same password. */
  readonly version: number;
  /** With a password, at a client that still exists. */
  readonly lastLoginAt: number | null;
  /** Milliseconds since the epoch, as all times. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface UserAttributes {
  readonly groups: readonly string[];
  readonly allowedScope: ScopeSet | null;
}

/** All that the attributes say, by the names of the configuration file and of the admin API. */
export function userFields({ groups, allowedScope }: UserAttributes): EntryFields {
  return { groups, allowed_scope: allowedScope?.toString() ?? null };
}
