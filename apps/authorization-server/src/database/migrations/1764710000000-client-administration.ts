import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the administration API needs of clients: a version for lost updates, and when a secret was last used. */
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
