import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['actor', 'client_id', 'subject', 'kind'];

/** Adds indexes to find events by their fields, newest first, whatever the number of events. */
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
