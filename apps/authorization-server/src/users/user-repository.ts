import type { ScopeSet } from '@latchkey/contracts';
import type { Step } from '@latchkey/platform';
import type { EntryFields } from '../audit/field-changes.js';
import type { DisabledBy } from '../clients/client-repository.js';
import type { NewUser, User } from './user.js';

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

/** Each step that writes tells all servers, which then forget what they remember of the user. */
export abstract class UserRepository {
  /**
   * From the database each time: a name that memory knows would be found faster than one that nobody has.
   *
   * @param username canonical
   */
  abstract findByUsername(username: string): Promise<User | null>;
  /** From memory, as long as nothing changes. */
  abstract findBySub(sub: string): Promise<User | null>;
  /** @returns `null` when memory does not know the user, who may exist */
  abstract recallBySub(sub: string): User | null;
  abstract isEmpty(): Step<boolean>;
  /** Every user name, canonical. */
  abstract listNames(): Step<string[]>;
  abstract loadByUsername(username: string): Step<StoredUser | null>;
  /** For what is decided on it: nobody else changes the user until the unit of work has committed. */
  abstract loadBySub(sub: string): Step<StoredUser | null>;
  abstract insert(user: NewUser, disabledBy: DisabledBy | null): Step<void>;
  abstract setUsername(key: number, username: string): Step<void>;
  abstract setAttributes(key: number, attributes: UserAttributes): Step<void>;
  abstract setPasswordHash(key: number, passwordHash: string, changeRequired: boolean): Step<void>;
  abstract requirePasswordChange(key: number, required: boolean): Step<void>;
  /** Replaces the user's hash by another one of the same password, unless it is another one by now. */
  abstract replacePasswordHash(user: User, upgraded: string): Step<void>;
  /** What decides the time of a verification, for all stored hashes; each once (see `costOf`). */
  abstract listPasswordHashCosts(): Promise<string[]>;
  abstract setDisabled(key: number, disabledBy: DisabledBy | null): Step<void>;
  /** Ends every authorization of the user. */
  abstract raiseEpoch(key: number): Step<void>;
  abstract delete(key: number): Step<void>;
}
