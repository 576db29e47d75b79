import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the time steps of accepted codes: after the clock is set back, none of them may be accepted again. */
export class SpentSteps1765720000000 implements MigrationInterface {
  readonly name = 'SpentSteps1765720000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("ALTER TABLE second_factors ADD COLUMN spent_steps text NOT NULL DEFAULT ' '");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE second_factors DROP COLUMN spent_steps');
  }
}
