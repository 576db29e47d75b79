import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function auditEventEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'AuditEvent',
    tableName: 'audit_events',
    columns: {
      id: { ...column.id, primary: true },
      occurredAt: column.time,
      kind: column.text,
      outcome: column.text,
      actor: column.nullable(column.text),
      clientId: column.nullable(column.text),
      subject: column.nullable(column.text),
      sid: column.nullable(column.id),
      address: column.nullable(column.text),
      requestId: column.nullable(column.text),
      detail: column.nullable(column.text),
      count: column.integer,
      bucket: column.nullable(column.text),
    },
    indices: [
      { name: 'audit_events_bucket', columns: ['bucket'], unique: true },
      ...['actor', 'clientId', 'subject', 'kind'].map((property) => ({
        name: `audit_events_${property === 'clientId' ? 'client_id' : property}`,
        columns: [property, 'id'],
      })),
    ],
  });
}
