import { Injectable } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { assignments, Database, insertInto, type Row, type Step } from '@latchkey/platform';
import sql, { type Sql } from 'sql-template-tag';
import type { DisabledBy } from '../clients/client-repository.js';
import type { NewUser, User } from './user.js';
import { UserRepository, type StoredUser, type UserAttributes } from './user-repository.js';

interface UserRow extends Row {
  key: number;
  sub: string;
  username: string;
  password_hash: string;
  groups: string;
  allowed_scope: string | null;
  disabled_by: DisabledBy | null;
  epoch: number;
}

@Injectable()
export class SqlUserRepository extends UserRepository {
  constructor(private readonly database: Database) {
    super();
  }

  override async findByUsername(username: string): Promise<User | null> {
    const [row] = await this.database.query<UserRow>(byUsername(username));
    return row === undefined ? null : toUser(row);
  }

  override async findBySub(sub: string): Promise<User | null> {
    const [row] = await this.database.query<UserRow>(bySub(sub));
    return row === undefined ? null : toUser(row);
  }

  override *isEmpty(): Step<boolean> {
    return (yield sql`SELECT 1 FROM users LIMIT 1`).length === 0;
  }

  override *loadByUsername(username: string): Step<StoredUser | null> {
    return toStored((yield byUsername(username)) as UserRow[]);
  }

  override *loadBySub(sub: string): Step<StoredUser | null> {
    return toStored((yield bySub(sub)) as UserRow[]);
  }

  override *insert(user: NewUser, disabledBy: DisabledBy | null): Step<void> {
    yield insertInto('users', {
      sub: user.sub,
      username: user.username,
      password_hash: user.passwordHash,
      ...attributeColumns(user),
      disabled_by: disabledBy,
      epoch: 0,
      created_at: this.database.now,
      updated_at: this.database.now,
    });
  }

  override *setAttributes(key: number, attributes: UserAttributes): Step<void> {
    yield this.#update(key, attributeColumns(attributes));
  }

  override *setPasswordHash(key: number, passwordHash: string): Step<void> {
    yield this.#update(key, { password_hash: passwordHash });
  }

  override *setDisabled(key: number, disabledBy: DisabledBy | null): Step<void> {
    yield this.#update(key, { disabled_by: disabledBy });
  }

  override *raiseEpoch(key: number): Step<void> {
    yield sql`UPDATE users SET epoch = epoch + 1 WHERE key = ${key}`;
  }

  override *delete(key: number): Step<void> {
    yield sql`DELETE FROM users WHERE key = ${key}`;
  }

  #update(key: number, values: Row): Sql {
    return sql`UPDATE users SET ${assignments({ ...values, updated_at: this.database.now })} WHERE key = ${key}`;
  }
}

function byUsername(username: string): Sql {
  return sql`SELECT * FROM users WHERE username = ${username}`;
}

function bySub(sub: string): Sql {
  return sql`SELECT * FROM users WHERE sub = ${sub}`;
}

function attributeColumns({ groups, allowedScope }: UserAttributes) {
  return { groups: JSON.stringify(groups), allowed_scope: allowedScope?.toString() ?? null };
}

function toStored([row]: UserRow[]): StoredUser | null {
  return row === undefined ? null : { user: toUser(row), disabledBy: row.disabled_by };
}

function toUser(row: UserRow): User {
  return {
    key: row.key,
    sub: row.sub,
    username: row.username,
    passwordHash: row.password_hash,
    groups: JSON.parse(row.groups) as string[],
    allowedScope: row.allowed_scope === null ? null : ScopeSet.of(row.allowed_scope.split(' ')),
    enabled: row.disabled_by === null,
    epoch: row.epoch,
  };
}
