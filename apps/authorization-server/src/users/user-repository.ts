import type { ScopeSet } from '@latchkey/contracts';
import type { Statement, Reader, Transaction } from '@latchkey/platform/database';
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

/** Each method that writes tells all servers, which then forget what they remember of the user. */
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
  abstract isEmpty(reader: Reader): Promise<boolean>;
  /** Every user name, canonical. */
  abstract listNames(tx: Transaction): Promise<string[]>;
  abstract loadByUsername(reader: Reader, username: string): Promise<StoredUser | null>;
  /** Those that there are, by their names. @param usernames at least one */
  abstract loadByUsernames(
    reader: Reader,
    usernames: readonly string[],
  ): Promise<ReadonlyMap<string, StoredUser>>;
  /** For what is decided on it: nobody else changes the user until the unit of work has committed. */
  abstract loadBySub(tx: Transaction, sub: string): Promise<StoredUser | null>;
  abstract insert(tx: Transaction, users: readonly [NewUser, ...NewUser[]]): Promise<void>;
  abstract setUsername(tx: Transaction, key: number, username: string): Promise<void>;
  abstract setAttributes(tx: Transaction, key: number, attributes: UserAttributes): Promise<void>;
  abstract setPasswordHash(
    tx: Transaction,
    key: number,
    passwordHash: string,
    changeRequired: boolean,
  ): Promise<void>;
  abstract requirePasswordChange(tx: Transaction, key: number, required: boolean): Promise<void>;
  /** Replaces the user's hash by another one of the same password, unless it is another one by now. */
  abstract replacePasswordHashStatement(user: User, upgraded: string): Statement;
  /** What decides the time of a verification, for all stored hashes; each once (see `costOf`). */
  abstract listPasswordHashCosts(): Promise<string[]>;
  abstract setDisabled(tx: Transaction, key: number, disabledBy: DisabledBy | null): Promise<void>;
  /** Ends every authorization of the user. */
  abstract raiseEpoch(tx: Transaction, key: number): Promise<void>;
  abstract delete(tx: Transaction, key: number): Promise<void>;
}
