import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Time steps whose codes were accepted: a clock that is set back must not make one of them good again. */
export class SpentSteps1765720000000 implements MigrationInterface {
  readonly name = 'SpentSteps1765720000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("ALTER TABLE second_factors ADD COLUMN spent_steps text NOT NULL DEFAULT ' '");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE second_factors DROP COLUMN spent_steps');
  }
}
