import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the data that a retry within the grace is compared with, and the limit of retries. */
export class RefreshRetries1765550000000 implements MigrationInterface {
  readonly name = 'RefreshRetries1765550000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE clients ADD COLUMN refresh_token_max_retries integer');
    await queryRunner.query('ALTER TABLE authorizations ADD COLUMN rotated_from text');
    await queryRunner.query('ALTER TABLE authorizations ADD COLUMN retries integer NOT NULL DEFAULT 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE authorizations DROP COLUMN retries');
    await queryRunner.query('ALTER TABLE authorizations DROP COLUMN rotated_from');
    await queryRunner.query('ALTER TABLE clients DROP COLUMN refresh_token_max_retries');
  }
}
