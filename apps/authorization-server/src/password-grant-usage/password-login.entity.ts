import type { Dialect } from '@latchkey/platform/database';
import { EntitySchema } from 'typeorm';
import { columns } from '../database/columns.js';

export function passwordLoginEntity(dialect: Dialect): EntitySchema {
  const column = columns(dialect);
  return new EntitySchema({
    name: 'PasswordLogin',
    tableName: 'password_logins',
    withoutRowid: true,
    columns: {
      userKey: { ...column.bigint, primary: true },
      clientKey: { ...column.bigint, primary: true },
      logins: column.bigint,
      lastAt: column.time,
    },
    indices: [{ name: 'password_logins_client_key', columns: ['clientKey', 'userKey'] }],
  });
}
