import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['actor', 'client_id', 'subject', 'kind'];

/** Lets events be found by who and what, newest first, in a time that does not depend on how many there are. */
export class AuditEventFilters1764800000000 implements MigrationInterface {
  readonly name = 'AuditEventFilters1764800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) {
      await queryRunner.query(`CREATE INDEX audit_events_${column} ON audit_events (${column}, id)`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await queryRunner.query(`DROP INDEX audit_events_${column}`);
  }
}
