import type { ScopeSet } from '@latchkey/contracts';
import type { Step } from '@latchkey/platform';
import type { DisabledBy } from '../clients/client-repository.js';
import type { NewUser, User } from './user.js';

export interface StoredUser {
  readonly user: User;
  readonly disabledBy: DisabledBy | null;
}

export interface UserAttributes {
  readonly groups: readonly string[];
  readonly allowedScope: ScopeSet | null;
}

export abstract class UserRepository {
  /** @param username canonical */
  abstract findByUsername(username: string): Promise<User | null>;
  abstract findBySub(sub: string): Promise<User | null>;
  abstract isEmpty(): Step<boolean>;
  abstract loadByUsername(username: string): Step<StoredUser | null>;
  abstract loadBySub(sub: string): Step<StoredUser | null>;
  abstract insert(user: NewUser, disabledBy: DisabledBy | null): Step<void>;
  abstract setAttributes(key: number, attributes: UserAttributes): Step<void>;
  abstract setPasswordHash(key: number, passwordHash: string): Step<void>;
  abstract setDisabled(key: number, disabledBy: DisabledBy | null): Step<void>;
  /** Ends every authorization of the user. */
  abstract raiseEpoch(key: number): Step<void>;
  abstract delete(key: number): Step<void>;
}
