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

/** Of different costs; a system that chose them at random has no end of them, which are all alike. */
const MAX_COSTS = 1000;

const MAX_CACHED = 10_000;

/** Of a user, with what only those who administer users want to know. */
export const STORED_USER = sql`SELECT users.*,
  (SELECT max(last_at) FROM password_logins WHERE user_key = users.key) AS last_login_at FROM users`;

export interface StoredUserRow extends Row {
  last_login_at: number | null;
}

/** Each method that writes tells all servers, which then forget what they remember of the user. */
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
   * From the database each time: a name that memory knows would be found faster than one that nobody has.
   *
   * @param username canonical
   */
  findByUsername(username: string): Promise<User | null> {
    return this.#read(sql`SELECT * FROM users WHERE username = ${username}`);
  }

  /** From memory, as long as nothing changes. */
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

  /** Those that there are, by their names. @param usernames at least one */
  async loadByUsernames(
    reader: Reader,
    usernames: readonly string[],
  ): Promise<ReadonlyMap<string, StoredUser>> {
    const users = await this.#select(reader, sql`WHERE username IN (${join(usernames)})`);
    return new Map(users.map((stored) => [stored.user.username, stored]));
  }

  /** For what is decided on it: nobody else changes the user until the unit of work has committed. */
  async loadBySub(tx: Transaction, sub: string): Promise<StoredUser | null> {
    const [user] = await this.#select(tx, sql`WHERE sub = ${sub} ${this.database.forUpdate}`);
    return user ?? null;
  }

  async insert(tx: Transaction, [first, ...others]: readonly [NewUser, ...NewUser[]]): Promise<void> {
    // Not TypeORM, in which the epoch could be no expression, and many rows take long.
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

  /** Replaces the user's hash by another one of the same password, unless it is another one by now. */
  replacePasswordHashStatement({ key, sub, passwordHash }: User, upgraded: string): Statement {
    const columns = this.database.toRow(UserEntity, hashColumns(upgraded));
    return statement(
      sql`UPDATE users SET ${assignments(columns)} WHERE key = ${key} AND password_hash = ${passwordHash}`,
      // The old hash is of the same password, so that no other server needs a message: a login sends none. Another server
      // finds out like this that its own memory is of before.
      () => this.#cache.invalidate(sub),
    );
  }

  /** What decides the time of a verification, for all stored hashes; each once (see `costOf`). */
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
    // The epoch ends the user's tokens, as every other way to end them.
    await this.raiseEpoch(tx, key);
    await tx.manager.delete(UserEntity, { key });
  }

  /** Everything that is written about a user is told to the servers that have it in memory. */
  async #write(tx: Transaction, key: number, values: QueryPartialEntity<UserEntity>): Promise<void> {
    await tx.manager.update(UserEntity, { key }, { ...values, updatedAt: () => this.database.now.sql });
    const user = await tx.manager.findOneBy(UserEntity, { key });
    if (user !== null) await this.changes.userChanged(tx, user.sub, user.epoch);
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
