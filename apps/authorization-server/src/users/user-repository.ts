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
import { Caches } from '../changes/caches.js';
import { ChangeLog } from '../changes/change-log.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import { parsePasswordHash } from '../passwords/parse-password-hash.js';
import { costOf } from '../passwords/password-hash.js';
import type { NewUser, StoredUser, User, UserAttributes } from './user.js';
import { STORED_USER, type StoredUserRow, toStoredUser, toUser, type UserRow } from './user-row.js';
import type { DisabledBy } from '../clients/client.js';

/** Of different costs; a system that chose them at random has no end of them, which are all alike. */
const MAX_COSTS = 1000;

const MAX_CACHED = 10_000;

/** What other servers are told of a change. */
interface ChangedUser {
  sub: string;
  epoch: number;
}

/** Each method that writes tells all servers, which then forget what they remember of the user. */
@Injectable()
export class UserRepository {
  readonly #cache: CoherentCache<User>;

  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
    caches: Caches,
  ) {
    this.#cache = caches.create<User>({
      name: 'users',
      maxEntries: MAX_CACHED,
      identify: ({ sub }) => sub,
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
  findBySub(sub: string): Promise<User | null> {
    return this.#cache.find(`sub ${sub}`, () => this.#read(sql`SELECT * FROM users WHERE sub = ${sub}`));
  }

  /** @returns `null` when memory does not know the user, who may exist */
  recallBySub(sub: string): User | null {
    return this.#cache.recall(`sub ${sub}`);
  }

  async isEmpty(reader: Reader): Promise<boolean> {
    return (await reader.query(sql`SELECT 1 FROM users LIMIT 1`)).length === 0;
  }

  /** Every user name, canonical. */
  async listNames(tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ username: string }>(
      sql`SELECT username FROM users ORDER BY username ${this.database.byteOrder}`,
    );
    return rows.map((row) => row.username);
  }

  async loadByUsername(reader: Reader, username: string): Promise<StoredUser | null> {
    return toStored(
      await reader.query<StoredUserRow>(sql`SELECT ${STORED_USER} FROM users WHERE username = ${username}`),
    );
  }

  /** Those that there are, by their names. @param usernames at least one */
  async loadByUsernames(
    reader: Reader,
    usernames: readonly string[],
  ): Promise<ReadonlyMap<string, StoredUser>> {
    const rows = await reader.query<StoredUserRow>(
      sql`SELECT ${STORED_USER} FROM users WHERE username IN (${join(usernames)})`,
    );
    return new Map(rows.map((row) => [row.username, toStoredUser(row)]));
  }

  /** For what is decided on it: nobody else changes the user until the unit of work has committed. */
  async loadBySub(tx: Transaction, sub: string): Promise<StoredUser | null> {
    return toStored(
      await tx.query<StoredUserRow>(
        sql`SELECT ${STORED_USER} FROM users WHERE sub = ${sub} ${this.database.forUpdate}`,
      ),
    );
  }

  async insert(tx: Transaction, [first, ...others]: readonly [NewUser, ...NewUser[]]): Promise<void> {
    const row = (user: NewUser) => ({
      sub: user.sub,
      username: user.username,
      ...hashColumns(user.passwordHash),
      password_change_required: user.passwordChangeRequired ?? false,
      ...attributeColumns(user),
      disabled_by: user.disabledBy,
      epoch: this.changes.firstEpoch(user.sub),
      created_at: this.database.now,
      updated_at: this.database.now,
    });
    await tx.query(insertInto('users', row(first), ...others.map(row)));
  }

  async setUsername(tx: Transaction, key: number, username: string): Promise<void> {
    await this.#update(tx, key, { username });
  }

  async setAttributes(tx: Transaction, key: number, attributes: UserAttributes): Promise<void> {
    await this.#update(tx, key, attributeColumns(attributes));
  }

  async setPasswordHash(
    tx: Transaction,
    key: number,
    passwordHash: string,
    changeRequired: boolean,
  ): Promise<void> {
    await this.#update(tx, key, { ...hashColumns(passwordHash), password_change_required: changeRequired });
  }

  async requirePasswordChange(tx: Transaction, key: number, required: boolean): Promise<void> {
    await this.#update(tx, key, { password_change_required: required });
  }

  /** Replaces the user's hash by another one of the same password, unless it is another one by now. */
  replacePasswordHashStatement({ key, sub, passwordHash }: User, upgraded: string): Statement {
    return statement(
      sql`UPDATE users SET ${assignments(hashColumns(upgraded))}
      WHERE key = ${key} AND password_hash = ${passwordHash}`,
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

  async setDisabled(tx: Transaction, key: number, disabledBy: DisabledBy | null): Promise<void> {
    await this.#update(tx, key, { disabled_by: disabledBy });
  }

  /** Ends every authorization of the user. */
  async raiseEpoch(tx: Transaction, key: number): Promise<void> {
    await this.#write(tx, key, sql`epoch = epoch + 1`);
  }

  async delete(tx: Transaction, key: number): Promise<void> {
    await tx.query(sql`DELETE FROM password_logins WHERE user_key = ${key}`);
    // One more than it had, as for every other way to end the user's tokens.
    await this.#tell(
      tx,
      await tx.query<ChangedUser>(
        sql`DELETE FROM users WHERE key = ${key} RETURNING sub, epoch + 1 AS epoch`,
      ),
    );
  }

  #update(tx: Transaction, key: number, values: Row): Promise<void> {
    return this.#write(tx, key, sql`${assignments(values)}, version = version + 1`);
  }

  async #write(tx: Transaction, key: number, columns: Sql): Promise<void> {
    await this.#tell(
      tx,
      await tx.query<ChangedUser>(sql`UPDATE users SET ${columns}, updated_at = ${this.database.now} WHERE key = ${key}
        RETURNING sub, epoch`),
    );
  }

  /** Everything that is written about a user is told to whoever remembers it. */
  async #tell(tx: Transaction, [row]: ChangedUser[]): Promise<void> {
    if (row !== undefined) await this.changes.userChanged(tx, row.sub, row.epoch);
  }

  async #read(statement: Sql): Promise<User | null> {
    const [row] = await this.database.query<UserRow>(statement);
    return row === undefined ? null : toUser(row);
  }
}

function attributeColumns({ groups, allowedScope }: UserAttributes) {
  return { groups: JSON.stringify(groups), allowed_scope: allowedScope?.toString() ?? null };
}

function hashColumns(passwordHash: string) {
  const hash = parsePasswordHash(passwordHash);
  return { password_hash: passwordHash, password_hash_cost: hash === null ? '' : costOf(hash) };
}

function toStored([row]: StoredUserRow[]): StoredUser | null {
  return row === undefined ? null : toStoredUser(row);
}
