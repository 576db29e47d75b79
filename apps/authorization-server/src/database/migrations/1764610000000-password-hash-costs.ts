import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the costs of stored hashes, which decide how long a verification takes. All so far are argon2id. */
export class PasswordHashCosts1764610000000 implements MigrationInterface {
  readonly name = 'PasswordHashCosts1764610000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    const parameters = 'substr(password_hash, 16)';
    const end = sqlite ? `instr(${parameters}, '$')` : `strpos(${parameters}, '$')`;
    await queryRunner.query(`ALTER TABLE users ADD COLUMN password_hash_cost text NOT NULL DEFAULT ''`);
    await queryRunner.query(`UPDATE users SET password_hash_cost = substr(password_hash, 1, 14 + ${end})`);
    await queryRunner.query(`CREATE INDEX users_password_hash_cost ON users (password_hash_cost)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX users_password_hash_cost');
    await queryRunner.query('ALTER TABLE users DROP COLUMN password_hash_cost');
  }
}
