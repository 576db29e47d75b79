import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The data model of the first release. */
export class Initial1764000000000 implements MigrationInterface {
  readonly name = 'Initial1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const sqlite = queryRunner.dataSource.options.type === 'better-sqlite3';
    for (const statement of statements(sqlite ? 'blob' : 'bytea')) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE resource_permissions');
    await queryRunner.query('DROP TABLE resources');
  }
}

/** The foreign key is quoted and on one line, as TypeORM expects it when it compares the entities on SQLite. */
function statements(binary: string): string[] {
  return [
    `CREATE TABLE resources (
      id ${binary} PRIMARY KEY NOT NULL,
      owner text NOT NULL,
      name text NOT NULL,
      content text NOT NULL,
      created_at bigint NOT NULL,
      updated_at bigint NOT NULL
    )`,
    `CREATE INDEX resources_owner ON resources (owner, id)`,
    `CREATE TABLE resource_permissions (
      resource_id ${binary} NOT NULL,
      subject text NOT NULL,
      access text NOT NULL,
      PRIMARY KEY (resource_id, subject),
      CONSTRAINT "resource_permissions_resource" FOREIGN KEY ("resource_id") REFERENCES "resources" ("id") ON DELETE CASCADE
    )`,
    `CREATE INDEX resource_permissions_subject ON resource_permissions (subject, resource_id)`,
  ];
}
