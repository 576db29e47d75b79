import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Step } from '@latchkey/platform';
import { SettingRepository } from './setting-repository.js';

const SETTING = 'database_id';

/**
 * The name of what is stored. It is another one after a restore, because then less has happened than before: whoever
 * remembers what this server told, such as epochs of users, has to forget it.
 */
@Injectable()
export class DatabaseIdentity {
  constructor(private readonly settings: SettingRepository) {}

  /** @returns `null` before the migration that gives the first name */
  read(): Step<string | null> {
    return this.settings.find(SETTING);
  }

  renew(): Step<void> {
    return this.settings.set(SETTING, randomUUID());
  }
}
