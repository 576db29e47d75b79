import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds which users have used the password grant, through which client. */
export class PasswordLogins1764620000000 implements MigrationInterface {
  readonly name = 'PasswordLogins1764620000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    await queryRunner.query(`CREATE TABLE password_logins (
      user_key bigint NOT NULL,
      client_key bigint NOT NULL,
      logins bigint NOT NULL,
      last_at bigint NOT NULL,
      PRIMARY KEY (user_key, client_key)
    ) ${sqlite ? 'WITHOUT ROWID' : 'WITH (fillfactor = 90)'}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE password_logins');
  }
}
