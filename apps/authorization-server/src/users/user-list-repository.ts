import { Injectable } from '@nestjs/common';
import { Database, MAX_EXAMINED } from '@latchkey/platform';
import sql, { empty, type Sql } from 'sql-template-tag';
import type { StoredUser } from './user-repository.js';
import { STORED_USER, toStoredUser, type StoredUserRow } from './user-row.js';

export interface UserFilter {
  /** The canonical user name. */
  readonly username?: string | undefined;
  /** How the canonical user name begins. */
  readonly prefix?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly group?: string | undefined;
}

/** What a part of the list holds. */
export interface ExaminedUsers {
  readonly found: StoredUser[];
  /** The last user name that was examined; `null` at the end of the list. */
  readonly lastExamined: string | null;
}

/** Reads users for those who administer them. */
export abstract class UserListRepository {
  abstract find(sub: string): Promise<StoredUser | null>;
  /** In the order of user names, after `after`. No index knows groups and states, so the effort is bounded instead. */
  abstract list(filter: UserFilter, limit: number, after: string | null): Promise<ExaminedUsers>;
}

@Injectable()
export class SqlUserListRepository extends UserListRepository {
  constructor(private readonly database: Database) {
    super();
  }

  override async find(sub: string): Promise<StoredUser | null> {
    const [row] = await this.database.query<StoredUserRow>(
      sql`SELECT ${STORED_USER} FROM users WHERE sub = ${sub}`,
    );
    return row === undefined ? null : toStoredUser(row);
  }

  override async list(filter: UserFilter, limit: number, after: string | null): Promise<ExaminedUsers> {
    const { byteOrder } = this.database;
    const range = this.#range(filter, after);
    // The end first, by name: users who come and go between the two statements neither move it nor are left out.
    const [last] = await this.database.query<{ username: string }>(sql`SELECT username FROM users
      WHERE ${range} ORDER BY username ${byteOrder} LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`);
    const end = last === undefined ? empty : sql`AND username ${byteOrder} <= ${last.username}`;
    const rows = await this.database.query<StoredUserRow>(sql`SELECT ${STORED_USER} FROM users
      WHERE ${range} ${end} ${conditions(filter)} ORDER BY username ${byteOrder} LIMIT ${limit}`);
    return { found: rows.map(toStoredUser), lastExamined: last?.username ?? null };
  }

  /** What the index of user names narrows down. */
  #range({ username, prefix }: UserFilter, after: string | null): Sql {
    const { byteOrder } = this.database;
    const exactly = username === undefined ? empty : sql`AND username = ${username}`;
    const begins =
      prefix === undefined
        ? empty
        : // No character comes after this one in the order of bytes.
          sql`AND username ${byteOrder} >= ${prefix} AND username ${byteOrder} < ${`${prefix}\u{10ffff}`}`;
    return sql`username ${byteOrder} > ${after ?? ''} ${exactly} ${begins}`;
  }
}

function conditions({ enabled, group }: UserFilter): Sql {
  const state = enabled === undefined ? empty : sql`AND (disabled_by IS NULL) = ${enabled}`;
  if (group === undefined) return state;
  // As JSON.stringify writes it inside of the list, quotes and all: so it is never part of another name.
  return sql`${state} AND replace(groups, ${JSON.stringify(group)}, '') <> groups`;
}
