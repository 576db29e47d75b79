import {
  assignments,
  Database,
  insertInto,
  type Reader,
  type Row,
  type Statement,
  statement,
  type Transaction,
  withDistinctValues,
} from '@latchkey/platform/database';
import { Injectable } from '@nestjs/common';
import sql, { join, type Sql } from 'sql-template-tag';
import type { QueryPartialEntity } from 'typeorm';
import { Caches } from '../changes/caches.js';
import { ChangePublisher } from '../changes/change-publisher.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import { PasswordLoginEntity } from './password-login.entity.js';
import { parsePasswordHash } from '../passwords/parse-password-hash.js';
import { costOf } from '../passwords/password-hash.js';
import { pickFields } from '../fields/field.js';
import { USER_FIELDS } from './user-fields.js';
import { UserEntity } from './user.entity.js';
import { type NewUser, type StoredUser, toStoredUser, toUser, type User } from './user.js';

/** Maximum number of different costs. A system that chooses costs at random has an unlimited number of similar ones. */
const MAX_COSTS = 1000;

const MAX_CACHED = 10_000;

/** A user with the columns that only administrators need. */
export const STORED_USER = sql`SELECT users.*,
  (SELECT max(last_at) FROM password_logins WHERE user_key = users.key) AS last_login_at FROM users`;

export interface StoredUserRow extends Row {
  last_login_at: number | null;
}

/** Each method that writes notifies all servers, which then evict the user from their caches. */
@Injectable()
export class UserRepository {
  readonly #cache: CoherentCache<User>;

  constructor(
    private readonly database: Database,
    private readonly changes: ChangePublisher,
    caches: Caches,
  ) {
    this.#cache = caches.create<User>({
      name: 'users',
      maxEntries: MAX_CACHED,
      invalidatedBy: (change) => (change.kind === 'user' ? change.sub : null),
    });
  }

  /**
   * Reads the database each time: with a cache, an existing name would be found faster than an unknown one.
   *
   * @param username canonical
   */
  findByUsername(username: string): Promise<User | null> {
    return this.#read(sql`SELECT * FROM users WHERE username = ${username}`);
  }

  /** From the cache, until the user changes. */
  findBySub(sub: string): User | null | Promise<User | null> {
    return this.#cache.find(sub, () => this.readBySub(sub));
  }

  /** From the database. */
  readBySub(sub: string): Promise<User | null> {
    return this.#read(sql`SELECT * FROM users WHERE sub = ${sub}`);
  }

  async isEmpty(reader: Reader): Promise<boolean> {
    return !(await reader.manager.exists(UserEntity));
  }

  /** Every user name, canonical. */
  async listNames(tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ username: string }>(
      sql`SELECT username FROM users ORDER BY username ${this.database.byteOrder}`,
    );
    return rows.map((row) => row.username);
  }

  async loadByUsername(reader: Reader, username: string): Promise<StoredUser | null> {
    return (await this.loadByUsernames(reader, [username])).get(username) ?? null;
  }

  /** The existing users among these names. @param usernames at least one */
  async loadByUsernames(
    reader: Reader,
    usernames: readonly string[],
  ): Promise<ReadonlyMap<string, StoredUser>> {
    const users = await this.#select(reader, sql`WHERE username IN (${join(usernames)})`);
    return new Map(users.map((stored) => [stored.user.username, stored]));
  }

  /** Locks the user until the transaction commits, so that decisions based on it stay valid. */
  async loadBySub(tx: Transaction, sub: string): Promise<StoredUser | null> {
    const [user] = await this.#select(tx, sql`WHERE sub = ${sub} ${this.database.forUpdate}`);
    return user ?? null;
  }

  async insert(tx: Transaction, [first, ...others]: readonly [NewUser, ...NewUser[]]): Promise<void> {
    // Not by TypeORM: the epoch is an expression there, and many rows are slow.
    const row = (user: NewUser): Row => ({
      ...this.database.toRow(UserEntity, {
        ...pickFields(USER_FIELDS, user),
        ...hashColumns(user.passwordHash),
        sub: user.sub,
        username: user.username,
        passwordChangeRequired: user.passwordChangeRequired ?? false,
        disabledBy: user.disabledBy,
      }),
      epoch: this.changes.firstEpoch(user.sub),
      created_at: this.database.now,
      updated_at: this.database.now,
    });
    await tx.query(insertInto('users', row(first), ...others.map(row)));
  }

  async update(
    tx: Transaction,
    key: number,
    { passwordHash, ...values }: Partial<Pick<NewUser, keyof NewUser & keyof UserEntity>>,
  ): Promise<void> {
    const hash = passwordHash === undefined ? {} : hashColumns(passwordHash);
    await this.#write(tx, key, { ...values, ...hash, version: () => 'version + 1' });
  }

  /** Replaces the user's hash by another one of the same password, unless the stored hash has changed meanwhile. */
  replacePasswordHashStatement({ key, sub, passwordHash }: User, upgraded: string): Statement {
    const columns = this.database.toRow(UserEntity, hashColumns(upgraded));
    return statement(
      sql`UPDATE users SET ${assignments(columns)} WHERE key = ${key} AND password_hash = ${passwordHash}`,
      // Other servers may keep the old hash in memory, because it has the same password: so logins send no
      // notifications. Their own replacement then finds another hash, and this line evicts their entry.
      () => this.#cache.invalidate(sub),
    );
  }

  /** The costs of all stored hashes, each once; they determine the time of a verification (see `costOf`). */
  async listPasswordHashCosts(): Promise<string[]> {
    const rows = await this.database.query<{ cost: string }>(
      sql`${withDistinctValues('users', 'password_hash_cost')}
      SELECT value AS cost FROM distinct_values WHERE value IS NOT NULL LIMIT ${MAX_COSTS}`,
      'background',
    );
    return rows.map(({ cost }) => cost);
  }

  async setSecondFactor(tx: Transaction, key: number, hasSecondFactor: boolean): Promise<void> {
    await this.#write(tx, key, { hasSecondFactor, version: () => 'version + 1' });
  }

  /** Ends every authorization of the user. */
  raiseEpoch(tx: Transaction, key: number): Promise<void> {
    return this.#write(tx, key, { epoch: () => 'epoch + 1' });
  }

  async delete(tx: Transaction, key: number): Promise<void> {
    await tx.manager.delete(PasswordLoginEntity, { userKey: key });
    await tx.query(sql`DELETE FROM second_factors WHERE user_key = ${key}`);
    await tx.query(sql`DELETE FROM recovery_codes WHERE user_key = ${key}`);
    await tx.query(sql`DELETE FROM passkeys WHERE user_key = ${key}`);
    await tx.query(sql`DELETE FROM passkey_challenges WHERE user_key = ${key}`);
    // Raising the epoch ends the user's tokens, in the same way as any other change that ends them.
    await this.raiseEpoch(tx, key);
    await tx.manager.delete(UserEntity, { key });
  }

  /** Every write to a user notifies the servers that have it in their caches. */
  async #write(tx: Transaction, key: number, values: QueryPartialEntity<UserEntity>): Promise<void> {
    await tx.manager.update(UserEntity, { key }, { ...values, updatedAt: () => this.database.now.sql });
    const [user] = await tx.query<{ sub: string; epoch: number }>(
      sql`SELECT sub, epoch FROM users WHERE key = ${key}`,
    );
    if (user !== undefined) await this.changes.userChanged(tx, user.sub, user.epoch);
  }

  async #read(statement: Sql): Promise<User | null> {
    const [row] = await this.database.query(statement);
    return row === undefined ? null : toUser(this.database.fromRow(UserEntity, row));
  }

  async #select(reader: Reader, selection: Sql): Promise<StoredUser[]> {
    const rows = await reader.query<StoredUserRow>(sql`${STORED_USER} ${selection}`);
    return rows.map((row) => toStoredUser(this.database.fromRow(UserEntity, row), row.last_login_at));
  }
}

function hashColumns(passwordHash: string): Pick<UserEntity, 'passwordHash' | 'passwordHashCost'> {
  const hash = parsePasswordHash(passwordHash);
  return { passwordHash, passwordHashCost: hash === null ? '' : costOf(hash) };
}
