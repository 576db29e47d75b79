import { Injectable } from '@nestjs/common';
import { Database, nameRange } from '@latchkey/platform/database';
import { type Examined, MAX_EXAMINED } from '@latchkey/platform/http';
import sql, { empty, type Sql } from 'sql-template-tag';
import { UserEntity } from './user.entity.js';
import { STORED_USER, type StoredUserRow } from './user-repository.js';
import { type StoredUser, toStoredUser } from './user.js';

export interface UserFilter {
  /** The canonical user name. */
  readonly username?: string | undefined;
  /** Prefix of the canonical user name. */
  readonly prefix?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly group?: string | undefined;
  readonly hasSecondFactor?: boolean | undefined;
}

/** Reads users for administrators. */
@Injectable()
export class UserListRepository {
  constructor(private readonly database: Database) {}

  async find(sub: string): Promise<StoredUser | null> {
    const rows = await this.database
      .reader('administration')
      .query<StoredUserRow>(sql`${STORED_USER} WHERE sub = ${sub}`);
    return this.#toStored(rows)[0] ?? null;
  }

  /** In the order of names, after `after`. Few rows are examined: groups, states and factors have no index. */
  async list(filter: UserFilter, limit: number, after: string | null): Promise<Examined<StoredUser>> {
    const { byteOrder } = this.database;
    // The end of the page first, as a name: users who are created or deleted in between do not move it.
    const [end] = await this.database.examine<{ username: string }>(sql`SELECT username FROM users
      WHERE ${this.#range(filter, after, null)} ORDER BY username ${byteOrder} LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    const last = end?.username ?? null;
    const rows = await this.database.examine<StoredUserRow>(sql`${STORED_USER}
      WHERE ${this.#range(filter, after, last)} ${conditions(filter)} ORDER BY username ${byteOrder} LIMIT ${limit}`);
    return { found: this.#toStored(rows), lastExamined: last };
  }

  #toStored(rows: readonly StoredUserRow[]): StoredUser[] {
    return rows.map((row) => toStoredUser(this.database.fromRow(UserEntity, row), row.last_login_at));
  }

  /** The conditions that the index of user names serves. */
  #range({ username, prefix }: UserFilter, after: string | null, last: string | null): Sql {
    const exactly = username === undefined ? empty : sql`AND username = ${username}`;
    return sql`${nameRange(sql`username ${this.database.byteOrder}`, { after, prefix, last })} ${exactly}`;
  }
}

function conditions({ enabled, group, hasSecondFactor }: UserFilter): Sql {
  const isEnabled = enabled === undefined ? empty : sql`AND (disabled_by IS NULL) = ${enabled}`;
  const state =
    hasSecondFactor === undefined ? isEnabled : sql`${isEnabled} AND has_second_factor = ${hasSecondFactor}`;
  if (group === undefined) return state;
  // As JSON.stringify writes the name in the list, with quotes, so that it never matches a part of another name.
  return sql`${state} AND replace(groups, ${JSON.stringify(group)}, '') <> groups`;
}
