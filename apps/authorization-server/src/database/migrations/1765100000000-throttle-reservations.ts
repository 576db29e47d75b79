import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts login attempts in flight, separately from failed ones. */
export class ThrottleReservations1765100000000 implements MigrationInterface {
  readonly name = 'ThrottleReservations1765100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE throttles ADD COLUMN pending integer NOT NULL DEFAULT 0');
    await queryRunner.query('ALTER TABLE throttles ADD COLUMN pending_before integer NOT NULL DEFAULT 0');
    await queryRunner.query('ALTER TABLE throttles ADD COLUMN lease bigint NOT NULL DEFAULT 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE throttles DROP COLUMN lease');
    await queryRunner.query('ALTER TABLE throttles DROP COLUMN pending_before');
    await queryRunner.query('ALTER TABLE throttles DROP COLUMN pending');
  }
}
