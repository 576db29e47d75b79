import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds second factors of users, the rules that require them, and logins that wait for them. */
export class SecondFactors1765700000000 implements MigrationInterface {
  readonly name = 'SecondFactors1765700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    const bytes = sqlite ? 'blob' : 'bytea';
    const end = sqlite ? 'WITHOUT ROWID' : '';
    for (const table of ['clients', 'users']) {
      await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN second_factor text`);
      await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN second_factor_from text`);
    }
    await queryRunner.query(
      `ALTER TABLE users ADD COLUMN has_second_factor boolean NOT NULL DEFAULT ${sqlite ? 0 : 'FALSE'}`,
    );
    await queryRunner.query('ALTER TABLE authorizations ADD COLUMN amr text');
    await queryRunner.query(`CREATE TABLE second_factors (
      id ${bytes} NOT NULL PRIMARY KEY,
      user_key bigint NOT NULL,
      type text NOT NULL,
      secret ${bytes} NOT NULL,
      last_step bigint NOT NULL,
      created_at bigint NOT NULL,
      confirmed_at bigint,
      last_used_at bigint
    ) ${end}`);
    await queryRunner.query('CREATE INDEX second_factors_user_key ON second_factors (user_key)');
    await queryRunner.query(`CREATE TABLE recovery_codes (
      user_key bigint NOT NULL,
      digest ${bytes} NOT NULL,
      PRIMARY KEY (user_key, digest)
    ) ${end}`);
    await queryRunner.query(`CREATE TABLE login_attempts (
      id ${bytes} NOT NULL PRIMARY KEY,
      client_key bigint NOT NULL,
      client_epoch integer NOT NULL,
      user_key bigint NOT NULL,
      user_epoch integer NOT NULL,
      scope text NOT NULL,
      audience text NOT NULL,
      address text,
      seed ${bytes} NOT NULL,
      generation integer NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      sid ${bytes},
      answered_by ${bytes},
      answered_at bigint
    ) ${end}`);
    await queryRunner.query('CREATE INDEX login_attempts_expires_at ON login_attempts (expires_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['login_attempts', 'recovery_codes', 'second_factors']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
    await queryRunner.query('ALTER TABLE authorizations DROP COLUMN amr');
    await queryRunner.query('ALTER TABLE users DROP COLUMN has_second_factor');
    for (const table of ['users', 'clients']) {
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN second_factor_from`);
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN second_factor`);
    }
  }
}
