import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds revocations, for listeners that connect later. */
export class Revocations1764730000000 implements MigrationInterface {
  readonly name = 'Revocations1764730000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    await queryRunner.query(`CREATE TABLE revocations (
      "key" ${sqlite ? 'integer PRIMARY KEY AUTOINCREMENT NOT NULL' : 'bigserial PRIMARY KEY NOT NULL'},
      kind text NOT NULL,
      subject text NOT NULL,
      epoch integer,
      audience text,
      at bigint NOT NULL,
      expires_at bigint NOT NULL
    )`);
    await queryRunner.query(`CREATE INDEX revocations_subject ON revocations (subject)`);
    await queryRunner.query(`CREATE INDEX revocations_expires_at ON revocations (expires_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE revocations`);
  }
}
