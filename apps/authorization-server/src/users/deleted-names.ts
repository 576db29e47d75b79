import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import sql, { join } from 'sql-template-tag';

/** `sub` is of a user, who has a name of the kind `user` too. */
export type NameKind = 'client' | 'user' | 'sub';

/** Who takes something out of service: an administrator, whom no configuration file overrules, or a file. */
export type Authority = 'administrator' | 'configuration';

/** Remembers which names were deleted or given up, so that no configuration file brings back what an administrator ended. */
@Injectable()
export class DeletedNames {
  constructor(private readonly database: Database) {}

  async add(tx: Transaction, kind: NameKind, name: string, deletedBy: Authority): Promise<void> {
    await tx.query(sql`INSERT INTO deleted_names (kind, name, deleted_at, deleted_by)
      VALUES (${kind}, ${name}, ${this.database.now}, ${deletedBy})
      ON CONFLICT (kind, name) DO UPDATE SET deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by`);
  }

  /** Whether it was an administrator who ended it last. */
  async isDeletedByAdministrator(tx: Transaction, kind: NameKind, name: string): Promise<boolean> {
    return (await this.deletedByAdministrator(tx, kind, [name])).has(name);
  }

  /** The same for several: those of them that were. */
  async deletedByAdministrator(
    tx: Transaction,
    kind: NameKind,
    names: readonly string[],
  ): Promise<ReadonlySet<string>> {
    if (names.length === 0) return new Set();
    const rows = await tx.query<{ name: string }>(sql`SELECT name FROM deleted_names
      WHERE kind = ${kind} AND name IN (${join(names)}) AND deleted_by = 'administrator'`);
    return new Set(rows.map(({ name }) => name));
  }
}
