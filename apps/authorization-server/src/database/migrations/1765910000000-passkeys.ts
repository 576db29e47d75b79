import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passkeys of users, and the challenges that they sign. */
export class Passkeys1765910000000 implements MigrationInterface {
  readonly name = 'Passkeys1765910000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    const bytes = sqlite ? 'blob' : 'bytea';
    const end = sqlite ? 'WITHOUT ROWID' : '';
    await queryRunner.query(`CREATE TABLE passkeys (
      id ${bytes} NOT NULL PRIMARY KEY,
      user_key bigint NOT NULL,
      credential_id ${bytes} NOT NULL,
      public_key ${bytes} NOT NULL,
      sign_count bigint NOT NULL,
      backup_eligible boolean NOT NULL,
      backed_up boolean NOT NULL,
      transports text NOT NULL,
      created_at bigint NOT NULL,
      last_used_at bigint
    ) ${end}`);
    await queryRunner.query('CREATE INDEX passkeys_user_key ON passkeys (user_key)');
    await queryRunner.query('CREATE UNIQUE INDEX passkeys_credential_id ON passkeys (credential_id)');
    await queryRunner.query(`CREATE TABLE passkey_challenges (
      user_key bigint NOT NULL PRIMARY KEY,
      challenge ${bytes} NOT NULL,
      expires_at bigint NOT NULL
    ) ${end}`);
    await queryRunner.query('CREATE INDEX passkey_challenges_expires_at ON passkey_challenges (expires_at)');
    await queryRunner.query(`ALTER TABLE login_attempts ADD COLUMN challenge ${bytes}`);
    await queryRunner.query('ALTER TABLE login_attempts ADD COLUMN challenge_expires_at bigint');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE login_attempts DROP COLUMN challenge_expires_at');
    await queryRunner.query('ALTER TABLE login_attempts DROP COLUMN challenge');
    await queryRunner.query('DROP TABLE passkey_challenges');
    await queryRunner.query('DROP TABLE passkeys');
  }
}
