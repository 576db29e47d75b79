import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds counters of login attempts. */
export class Throttles1764100000000 implements MigrationInterface {
  readonly name = 'Throttles1764100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    await queryRunner.query(`CREATE TABLE throttles (
      key ${sqlite ? 'blob' : 'bytea'} PRIMARY KEY NOT NULL,
      attempts integer NOT NULL,
      last_at bigint NOT NULL,
      known boolean NOT NULL,
      expires_at bigint NOT NULL
    ) ${sqlite ? 'WITHOUT ROWID' : ''}`);
    await queryRunner.query(`CREATE INDEX throttles_expires_at ON throttles (expires_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE throttles`);
  }
}
