import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds what the administration API needs for clients: a version against lost updates, and the last use of secrets. */
export class ClientAdministration1764710000000 implements MigrationInterface {
  readonly name = 'ClientAdministration1764710000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE clients ADD COLUMN version integer NOT NULL DEFAULT 0');
    await queryRunner.query('ALTER TABLE client_secrets ADD COLUMN last_used_at bigint');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE client_secrets DROP COLUMN last_used_at');
    await queryRunner.query('ALTER TABLE clients DROP COLUMN version');
  }
}
