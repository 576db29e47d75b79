import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes that were sent by e-mail. */
export class EmailCodes1765920000000 implements MigrationInterface {
  readonly name = 'EmailCodes1765920000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    const bytes = sqlite ? 'blob' : 'bytea';
    await queryRunner.query(`CREATE TABLE email_codes (
      id ${bytes} NOT NULL PRIMARY KEY,
      factor_id ${bytes} NOT NULL,
      digest ${bytes} NOT NULL,
      expires_at bigint NOT NULL
    ) ${sqlite ? 'WITHOUT ROWID' : ''}`);
    await queryRunner.query('CREATE INDEX email_codes_expires_at ON email_codes (expires_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE email_codes');
  }
}
