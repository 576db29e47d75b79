import { Injectable } from '@nestjs/common';
import type { Reader, Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';

/** Named facts about the installation. */
@Injectable()
export class SettingRepository {
  async find(reader: Reader, name: string): Promise<string | null> {
    const [row] = await reader.query<{ value: string }>(sql`SELECT value FROM settings WHERE name = ${name}`);
    return row?.value ?? null;
  }

  async set(tx: Transaction, name: string, value: string): Promise<void> {
    await tx.query(sql`INSERT INTO settings (name, value) VALUES (${name}, ${value})
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
  }
}
