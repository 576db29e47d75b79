import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds who deleted a name: what a configuration file deleted, a file may create again. */
export class DeletionsByFile1764500000000 implements MigrationInterface {
  readonly name = 'DeletionsByFile1764500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE deleted_names ADD COLUMN deleted_by text NOT NULL DEFAULT 'administrator'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE deleted_names DROP COLUMN deleted_by');
  }
}
