import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@latchkey/platform/database';
import sql, { join } from 'sql-template-tag';

/** `sub` is the identifier of a user, whose user name is of kind `user`. */
type NameKind = 'client' | 'user' | 'sub';

/** Who disabled or deleted something. No configuration file overrules an administrator. */
export type Authority = 'administrator' | 'configuration';

/** Stores deleted and given-up names, so that no configuration file restores what an administrator deleted. */
@Injectable()
export class DeletedNames {
  constructor(private readonly database: Database) {}

  async add(tx: Transaction, kind: NameKind, name: string, deletedBy: Authority): Promise<void> {
    await tx.query(sql`INSERT INTO deleted_names (kind, name, deleted_at, deleted_by)
      VALUES (${kind}, ${name}, ${this.database.now}, ${deletedBy})
      ON CONFLICT (kind, name) DO UPDATE SET deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by`);
  }

  /** Whether an administrator was the last to delete or give up the name. */
  async isDeletedByAdministrator(tx: Transaction, kind: NameKind, name: string): Promise<boolean> {
    return (await this.deletedByAdministrator(tx, kind, [name])).has(name);
  }

  /** The same for several names: returns those for which it is true. */
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
