import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the `acr` that a waiting login has to satisfy. */
export class AcrOfLogins1765940000000 implements MigrationInterface {
  readonly name = 'AcrOfLogins1765940000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE login_attempts ADD COLUMN acr text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE login_attempts DROP COLUMN acr');
  }
}
