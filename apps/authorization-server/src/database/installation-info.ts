import { type Reader, TextColumn, type Transaction } from '@latchkey/platform/database';
import { Entity } from 'typeorm';
import { Injectable, Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

/** Facts about the installation: the master key's check value, the digest of the applied configuration file. */
@Entity('settings')
export class SettingEntity {
  @TextColumn({ primary: true }) name!: string;
  @TextColumn() value!: string;
}

/** Named facts about the installation. */
@Injectable()
export class SettingRepository {
  async find(reader: Reader, name: string): Promise<string | null> {
    return (await reader.manager.findOneBy(SettingEntity, { name }))?.value ?? null;
  }

  async set(tx: Transaction, name: string, value: string): Promise<void> {
    await tx.manager.upsert(SettingEntity, { name, value }, ['name']);
  }
}

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

@Module({ providers: [DatabaseIdentity, SettingRepository], exports: [DatabaseIdentity, SettingRepository] })
export class SettingsModule {}
