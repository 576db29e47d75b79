import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds what the administration API needs for users: a version against lost updates, whether the password must be
 * changed, and on PostgreSQL an index of names in byte order, so that all pages of a list cost the same.
 */
export class UserAdministration1764720000000 implements MigrationInterface {
  readonly name = 'UserAdministration1764720000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    await queryRunner.query('ALTER TABLE users ADD COLUMN version integer NOT NULL DEFAULT 0');
    await queryRunner.query(
      `ALTER TABLE users ADD COLUMN password_change_required boolean NOT NULL DEFAULT ${sqlite ? 0 : 'FALSE'}`,
    );
    if (!sqlite) {
      await queryRunner.query('CREATE INDEX users_username_bytes ON users (username COLLATE "C")');
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    if (!sqlite) await queryRunner.query('DROP INDEX users_username_bytes');
    await queryRunner.query('ALTER TABLE users DROP COLUMN password_change_required');
    await queryRunner.query('ALTER TABLE users DROP COLUMN version');
  }
}
