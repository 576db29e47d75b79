import { Injectable } from '@nestjs/common';
import { Database, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';

export type NameKind = 'client' | 'user';

/** Remembers what an administrator deleted, so that no configuration file brings it back. */
@Injectable()
export class DeletedNames {
  constructor(private readonly database: Database) {}

  *add(kind: NameKind, name: string): Step<void> {
    yield sql`INSERT INTO deleted_names (kind, name, deleted_at) VALUES (${kind}, ${name}, ${this.database.now})
      ON CONFLICT (kind, name) DO NOTHING`;
  }

  *includes(kind: NameKind, name: string): Step<boolean> {
    const rows = yield sql`SELECT 1 FROM deleted_names WHERE kind = ${kind} AND name = ${name}`;
    return rows.length > 0;
  }
}
