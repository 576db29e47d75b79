import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the client of an ended session, for listeners that share their room between clients. */
export class ClientsOfRevocations1765410000000 implements MigrationInterface {
  readonly name = 'ClientsOfRevocations1765410000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE revocations ADD COLUMN client_id text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE revocations DROP COLUMN client_id');
  }
}
