import type { EntryFields } from '../audit/field-changes.js';
import { pickFields, toWire } from '../fields/field.js';
import type { Authority } from './deleted-names.js';
import type { UserEntity } from './user.entity.js';
import { USER_FIELDS, type UserAttributes } from './user-fields.js';

/** A resource owner (RFC 6749 section 1.1). */
export interface User extends UserAttributes {
  /** Internal and never reused. */
  readonly key: number;
  /** Immutable; identifies the user in tokens and at resource servers. */
  readonly sub: string;
  /** Canonical. */
  readonly username: string;
  /** In one of the forms that `parsePasswordHash` reads. */
  readonly passwordHash: string;
  /** Until the user changes the password, it only gives access to the self-service. */
  readonly passwordChangeRequired: boolean;
  /** Whether the user has a second factor that can be used. */
  readonly hasSecondFactor: boolean;
  readonly enabled: boolean;
  /** Raised by every change that must end the user's authorizations at once. */
  readonly epoch: number;
}

/** The data of a new user. */
export interface NewUser extends UserAttributes {
  readonly sub: string;
  readonly username: string;
  readonly passwordHash: string;
  readonly passwordChangeRequired?: boolean;
  /** Who disables the new user; `null`: the user is enabled. */
  readonly disabledBy: Authority | null;
}

export interface StoredUser {
  readonly user: User;
  readonly disabledBy: Authority | null;
  /** Raised by every change except an upgraded hash of the same password. */
  readonly version: number;
  /** With a password, through a client that still exists. */
  readonly lastLoginAt: number | null;
  /** Milliseconds since the epoch, like all times. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function toUser(entity: UserEntity): User {
  const { key, sub, username, passwordHash, passwordChangeRequired, hasSecondFactor, disabledBy, epoch } =
    entity;
  return {
    ...pickFields(USER_FIELDS, entity),
    key,
    sub,
    username,
    passwordHash,
    passwordChangeRequired,
    hasSecondFactor,
    enabled: disabledBy === null,
    epoch,
  };
}

export function toStoredUser(entity: UserEntity, lastLoginAt: number | null): StoredUser {
  const { disabledBy, version, createdAt, updatedAt } = entity;
  return { user: toUser(entity), disabledBy, version, lastLoginAt, createdAt, updatedAt };
}

/** All attributes, under their names in the configuration file and the administration API. */
export function userFields(attributes: UserAttributes): EntryFields {
  return toWire(USER_FIELDS, attributes);
}
