import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds indexes for reads that would otherwise examine a whole table. On PostgreSQL some of them are for names in byte
 * order, which is the order of lists, and one finds the authorizations of a user in the order of their ids, as SQLite
 * does anyway.
 */
export class BoundedReads1765530000000 implements MigrationInterface {
  readonly name = 'BoundedReads1765530000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    const bytes = sqlite ? '' : 'COLLATE "C"';
    await queryRunner.query(`CREATE INDEX clients_client_name ON clients (client_name, client_id ${bytes})`);
    await queryRunner.query('CREATE INDEX clients_access_token_ttl ON clients (access_token_ttl)');
    await queryRunner.query(
      'CREATE INDEX password_logins_client_key ON password_logins (client_key, user_key)',
    );
    if (sqlite) return;
    await queryRunner.query('CREATE INDEX clients_client_id_bytes ON clients (client_id COLLATE "C")');
    await queryRunner.query('CREATE INDEX scopes_name_bytes ON scopes (name COLLATE "C")');
    await queryRunner.query('CREATE INDEX authorizations_user_key_id ON authorizations (user_key, id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    if (!sqlite) {
      await queryRunner.query('DROP INDEX authorizations_user_key_id');
      await queryRunner.query('DROP INDEX scopes_name_bytes');
      await queryRunner.query('DROP INDEX clients_client_id_bytes');
    }
    await queryRunner.query('DROP INDEX password_logins_client_key');
    await queryRunner.query('DROP INDEX clients_access_token_ttl');
    await queryRunner.query('DROP INDEX clients_client_name');
  }
}
