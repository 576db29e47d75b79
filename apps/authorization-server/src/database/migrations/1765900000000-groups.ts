import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds rules for all users of a group. */
export class Groups1765900000000 implements MigrationInterface {
  readonly name = 'Groups1765900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE user_groups (
      name text NOT NULL PRIMARY KEY,
      second_factor text,
      second_factor_from text,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE user_groups');
  }
}
