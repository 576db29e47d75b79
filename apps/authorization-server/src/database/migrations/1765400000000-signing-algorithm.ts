import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the signature algorithm for the JWT access tokens of a client. */
export class SigningAlgorithm1765400000000 implements MigrationInterface {
  readonly name = 'SigningAlgorithm1765400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      "ALTER TABLE clients ADD COLUMN access_token_signing_alg text NOT NULL DEFAULT 'ES256'",
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE clients DROP COLUMN access_token_signing_alg');
  }
}
