import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

/** What ended tokens, for as long as one of them could live; rows are only added, and deleted when they expire. */
export function revocationEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'Revocation',
    tableName: 'revocations',
    columns: {
      key: column.key,
      kind: column.text,
      /** A `sid`, `sub` or `client_id`. */
      subject: column.text,
      epoch: column.nullable(column.integer),
      audience: column.nullable(column.text),
      /** Of a session: whose it was. */
      clientId: column.nullable(column.text),
      at: column.time,
      expiresAt: column.time,
    },
    indices: [
      { name: 'revocations_subject', columns: ['subject'] },
      { name: 'revocations_expires_at', columns: ['expiresAt'] },
    ],
  });
}
