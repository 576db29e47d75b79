import { Injectable } from '@nestjs/common';
import {
  afterCommit,
  assignments,
  Database,
  insertInto,
  withDistinctValues,
  type Row,
  type Step,
} from '@latchkey/platform';
import sql, { type Sql } from 'sql-template-tag';
import { Caches } from '../changes/caches.js';
import { ChangeLog } from '../changes/change-log.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import type { DisabledBy } from '../clients/client-repository.js';
import { parsePasswordHash } from '../passwords/parse-password-hash.js';
import { costOf } from '../passwords/password-hash.js';
import type { NewUser, User } from './user.js';
import { STORED_USER, toStoredUser, toUser, type StoredUserRow, type UserRow } from './user-row.js';
import { UserRepository, type StoredUser, type UserAttributes } from './user-repository.js';

/** Of different costs; a system that chose them at random has no end of them, which are all alike. */
const MAX_COSTS = 1000;

const MAX_CACHED = 10_000;

@Injectable()
export class SqlUserRepository extends UserRepository {
  readonly #cache: CoherentCache<User>;

  constructor(
    private readonly database: Database,
    private readonly changes: ChangeLog,
    caches: Caches,
  ) {
    super();
    this.#cache = caches.create<User>({
      name: 'users',
      maxEntries: MAX_CACHED,
      identify: ({ sub }) => sub,
      invalidatedBy: (change) => (change.kind === 'user' ? change.sub : null),
    });
  }

  override findByUsername(username: string): Promise<User | null> {
    return this.#read(sql`SELECT * FROM users WHERE username = ${username}`);
  }

  override findBySub(sub: string): Promise<User | null> {
    return this.#cache.find(`sub ${sub}`, () => this.#read(sql`SELECT * FROM users WHERE sub = ${sub}`));
  }

  override recallBySub(sub: string): User | null {
    return this.#cache.recall(`sub ${sub}`);
  }

  override *isEmpty(): Step<boolean> {
    return (yield sql`SELECT 1 FROM users LIMIT 1`).length === 0;
  }

  override *listNames(): Step<string[]> {
    const rows = yield sql`SELECT username FROM users ORDER BY username ${this.database.byteOrder}`;
    return rows.map((row) => row.username as string);
  }

  override *loadByUsername(username: string): Step<StoredUser | null> {
    return toStored(
      (yield sql`SELECT ${STORED_USER} FROM users WHERE username = ${username}`) as StoredUserRow[],
    );
  }

  override *loadBySub(sub: string): Step<StoredUser | null> {
    return toStored(
      (yield sql`SELECT ${STORED_USER} FROM users WHERE sub = ${sub} ${this.database.forUpdate}`) as StoredUserRow[],
    );
  }

  override *insert(user: NewUser, disabledBy: DisabledBy | null): Step<void> {
    yield insertInto('users', {
      sub: user.sub,
      username: user.username,
      ...hashColumns(user.passwordHash),
      password_change_required: user.passwordChangeRequired ?? false,
      ...attributeColumns(user),
      disabled_by: disabledBy,
      epoch: yield* this.changes.firstEpoch(user.sub),
      created_at: this.database.now,
      updated_at: this.database.now,
    });
  }

  override *setUsername(key: number, username: string): Step<void> {
    yield* this.#update(key, { username });
  }

  override *setAttributes(key: number, attributes: UserAttributes): Step<void> {
    yield* this.#update(key, attributeColumns(attributes));
  }

  override *setPasswordHash(key: number, passwordHash: string, changeRequired: boolean): Step<void> {
    yield* this.#update(key, { ...hashColumns(passwordHash), password_change_required: changeRequired });
  }

  override *requirePasswordChange(key: number, required: boolean): Step<void> {
    yield* this.#update(key, { password_change_required: required });
  }

  override *replacePasswordHash({ key, sub, passwordHash }: User, upgraded: string): Step<void> {
    yield sql`UPDATE users SET ${assignments(hashColumns(upgraded))}
      WHERE key = ${key} AND password_hash = ${passwordHash}`;
    // The old hash is of the same password, so that nobody else has to hear of it: a login tells no one. Another server
    // finds out like this that its own memory is of before.
    yield* afterCommit(() => this.#cache.invalidate(sub));
  }

  override async listPasswordHashCosts(): Promise<string[]> {
    const rows = await this.database.query<{ cost: string }>(
      sql`${withDistinctValues('users', 'password_hash_cost')}
      SELECT value AS cost FROM distinct_values WHERE value IS NOT NULL LIMIT ${MAX_COSTS}`,
      'background',
    );
    return rows.map(({ cost }) => cost);
  }

  override *setDisabled(key: number, disabledBy: DisabledBy | null): Step<void> {
    yield* this.#update(key, { disabled_by: disabledBy });
  }

  override *raiseEpoch(key: number): Step<void> {
    yield* this.#write(key, sql`epoch = epoch + 1`);
  }

  override *delete(key: number): Step<void> {
    yield sql`DELETE FROM password_logins WHERE user_key = ${key}`;
    // One more than it had, as for every other way to end the user's tokens.
    yield* this.#tell(yield sql`DELETE FROM users WHERE key = ${key} RETURNING sub, epoch + 1 AS epoch`);
  }

  #update(key: number, values: Row): Step<void> {
    return this.#write(key, sql`${assignments(values)}, version = version + 1`);
  }

  *#write(key: number, columns: Sql): Step<void> {
    yield* this.#tell(
      yield sql`UPDATE users SET ${columns}, updated_at = ${this.database.now} WHERE key = ${key}
        RETURNING sub, epoch`,
    );
  }

  /** Everything that is written about a user is told to whoever remembers it. */
  *#tell([row]: Row[]): Step<void> {
    if (row !== undefined) yield* this.changes.userChanged(row.sub as string, row.epoch as number);
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
