import { idTransformer, type Dialect } from '@latchkey/platform/database';
import type { ColumnType, EntitySchemaColumnOptions } from 'typeorm';

/** Column definitions that differ between the databases, or that many tables share. */
export function columns(dialect: Dialect) {
  const binary: ColumnType = dialect === 'sqlite' ? 'blob' : 'bytea';
  const nullable = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({
    ...column,
    nullable: true,
  });
  return {
    nullable,
    /** An internal key that is never given out twice, so that a reference to a deleted row matches nothing. */
    key: { type: dialect === 'sqlite' ? 'integer' : 'bigint', primary: true, generated: 'increment' },
    id: { type: binary, transformer: idTransformer },
    bytes: { type: binary },
    text: { type: 'text' },
    integer: { type: 'integer' },
    /** A counter or reference that may outgrow 32 bits. */
    bigint: { type: 'bigint' },
    /** Milliseconds since the epoch, by the database's clock. */
    time: { type: 'bigint' },
    boolean: { type: 'boolean' },
  } as const satisfies Record<string, unknown>;
}
