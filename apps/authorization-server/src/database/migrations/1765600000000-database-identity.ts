import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds an identifier of the stored data, which a restore changes. */
export class DatabaseIdentity1765600000000 implements MigrationInterface {
  readonly name = 'DatabaseIdentity1765600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`INSERT INTO settings (name, value) VALUES ('database_id', '${randomUUID()}')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM settings WHERE name = 'database_id'`);
  }
}
