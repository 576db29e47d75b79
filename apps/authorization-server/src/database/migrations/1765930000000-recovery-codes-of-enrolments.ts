import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds recovery codes that are shown with a new secret, and valid from its first code on. */
export class RecoveryCodesOfEnrolments1765930000000 implements MigrationInterface {
  readonly name = 'RecoveryCodesOfEnrolments1765930000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const bytes = queryRunner.dataSource.options.type === 'better-sqlite3' ? 'blob' : 'bytea';
    await queryRunner.query(`ALTER TABLE second_factors ADD COLUMN recovery_codes ${bytes}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE second_factors DROP COLUMN recovery_codes');
  }
}
