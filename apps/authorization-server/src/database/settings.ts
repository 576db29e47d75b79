import { type Reader, TextColumn, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { Entity } from 'typeorm';
import { Injectable, Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

/** Properties of the installation: the master key's check value, the digest of the applied configuration file. */
@Entity('settings')
export class SettingEntity {
  @TextColumn({ primary: true }) name!: string;
  @TextColumn() value!: string;
}

/** Named properties of the installation. */
@Injectable()
export class SettingRepository {
  async find(reader: Reader, name: string): Promise<string | null> {
    // Not by TypeORM: each revocation reads one.
    const [row] = await reader.query<{ value: string }>(sql`SELECT value FROM settings WHERE name = ${name}`);
    return row?.value ?? null;
  }

  async set(tx: Transaction, name: string, value: string): Promise<void> {
    await tx.manager.upsert(SettingEntity, { name, value }, ['name']);
  }
}

const SETTING = 'database_id';

/**
 * The identifier of the stored data. A restore changes it, because the data are older then: guards have to discard what
 * this server has sent before, such as epochs of users.
 */
@Injectable()
export class DatabaseIdentity {
  constructor(private readonly settings: SettingRepository) {}

  /** @returns `null` before the migration that creates the first identifier */
  read(reader: Reader): Promise<string | null> {
    return this.settings.find(reader, SETTING);
  }

  renew(tx: Transaction): Promise<void> {
    return this.settings.set(tx, SETTING, randomUUID());
  }
}

@Module({ providers: [DatabaseIdentity, SettingRepository], exports: [DatabaseIdentity, SettingRepository] })
export class SettingsModule {}
