import { Injectable } from '@nestjs/common';
import { type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';

/** Named facts about the installation. */
@Injectable()
export class SettingRepository {
  *find(name: string): Step<string | null> {
    const [row] = yield sql`SELECT value FROM settings WHERE name = ${name}`;
    return row === undefined ? null : (row.value as string);
  }

  *set(name: string, value: string): Step<void> {
    yield sql`INSERT INTO settings (name, value) VALUES (${name}, ${value})
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
  }
}
