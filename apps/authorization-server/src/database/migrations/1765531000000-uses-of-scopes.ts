import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds indexes to find the users and clients with a scope, for its deletion. On PostgreSQL they use hashes, because its
 * other indexes do not accept such long texts.
 */
export class UsesOfScopes1765531000000 implements MigrationInterface {
  readonly name = 'UsesOfScopes1765531000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const by = queryRunner.dataSource.options.type === 'better-sqlite3' ? '' : 'USING hash';
    await queryRunner.query(`CREATE INDEX clients_scope ON clients ${by} (scope)`);
    await queryRunner.query(`CREATE INDEX users_allowed_scope ON users ${by} (allowed_scope)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX users_allowed_scope');
    await queryRunner.query('DROP INDEX clients_scope');
  }
}
