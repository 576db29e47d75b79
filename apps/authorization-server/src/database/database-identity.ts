import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Reader, Transaction } from '@latchkey/platform/database';
import { SettingRepository } from './setting-repository.js';

const SETTING = 'database_id';

/**
 * The name of what is stored. It is another one after a restore, because then less has happened than before: guards
 * have to forget what this server sent before, such as epochs of users.
 */
@Injectable()
export class DatabaseIdentity {
  constructor(private readonly settings: SettingRepository) {}

  /** @returns `null` before the migration that gives the first name */
  read(reader: Reader): Promise<string | null> {
    return this.settings.find(reader, SETTING);
  }

  renew(tx: Transaction): Promise<void> {
    return this.settings.set(tx, SETTING, randomUUID());
  }
}
