import { Injectable } from '@nestjs/common';
import { Database, idToBytes, newId, type Row } from '@latchkey/platform/database';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Resource } from './resource.entity.js';
import type { Permission, ResourceContent } from './resource.js';

const COLUMNS = raw('id, owner, name, content, created_at, updated_at');

/**
 * Stores resources and their permissions. Every method receives the requesting `sub`, and checks it in the same
 * statement that reads or writes, so that no caller can omit the check and nothing changes in between.
 */
@Injectable()
export class ResourceRepository {
  constructor(private readonly database: Database) {}

  async insert(owner: string, { name, content }: ResourceContent): Promise<Resource> {
    // The clock is read once, so that both times of a new resource are equal.
    const rows = await this.database.execute(sql`
      INSERT INTO resources (${COLUMNS})
      SELECT ${idToBytes(newId())}, ${owner}, ${name}, ${content}, clock.at, clock.at
      FROM (SELECT ${this.database.now} AS at) AS clock
      RETURNING ${COLUMNS}`);
    const [resource] = this.#resources(rows);
    if (resource === undefined) throw new Error('INSERT returned no row');
    return resource;
  }

  /** The resource, when it is the subject's own or shared with it; otherwise `null`. */
  async findReadable(id: string, subject: string): Promise<Resource | null> {
    const rows = await this.database.query(sql`
      SELECT ${COLUMNS} FROM resources
      WHERE id = ${idToBytes(id)} AND (owner = ${subject} OR ${sharedWith(subject)})`);
    return this.#resources(rows)[0] ?? null;
  }

  /**
   * Own and shared resources, newest first. Each half reads at most `limit` entries of its index, however many the
   * subject has.
   *
   * @param maxBytes the list ends with the resource whose content exceeds them, in UTF-8 and all contents together
   * @param before only resources older than this id; `null` starts with the newest
   */
  async listReadable(
    subject: string,
    limit: number,
    maxBytes: number,
    before: string | null,
  ): Promise<Resource[]> {
    const older = (column: string) =>
      before === null ? sql`` : sql`AND ${raw(column)} < ${idToBytes(before)}`;
    const rows = await this.database.query(sql`
      SELECT ${COLUMNS} FROM resources WHERE id IN (
        SELECT id FROM (
          SELECT id, sum(bytes) OVER (ORDER BY id DESC) - bytes AS bytes_before
          FROM (SELECT id, octet_length(content) AS bytes FROM resources WHERE id IN (
            SELECT id FROM (
              SELECT id FROM resources
              WHERE owner = ${subject} ${older('id')} ORDER BY id DESC LIMIT ${limit}
            ) AS own
            UNION
            SELECT resource_id FROM (
              SELECT resource_id FROM resource_permissions
              WHERE subject = ${subject} ${older('resource_id')} ORDER BY resource_id DESC LIMIT ${limit}
            ) AS shared
          )) AS readable
        ) AS sized WHERE bytes_before <= ${maxBytes}
      )
      ORDER BY id DESC LIMIT ${limit}`);
    return this.#resources(rows);
  }

  /** @returns `null` when the subject may not write it, or when it does not exist */
  async replaceWritable(id: string, subject: string, content: ResourceContent): Promise<Resource | null> {
    const rows = await this.database.execute(sql`
      UPDATE resources
      SET name = ${content.name}, content = ${content.content}, updated_at = ${this.database.now}
      WHERE id = ${idToBytes(id)} AND (owner = ${subject} OR ${sharedWith(subject, sql`AND shared.access = 'write'`)})
      RETURNING ${COLUMNS}`);
    return this.#resources(rows)[0] ?? null;
  }

  /** The foreign key deletes its permissions too. @returns false when the owner has no such resource */
  async deleteOwned(id: string, owner: string): Promise<boolean> {
    const rows = await this.database.execute(sql`
      DELETE FROM resources WHERE id = ${idToBytes(id)} AND owner = ${owner} RETURNING id`);
    return rows.length > 0;
  }

  /** @returns false when the owner has no such resource; nothing is stored then */
  replacePermissions(id: string, owner: string, permissions: readonly Permission[]): Promise<boolean> {
    const resourceId = idToBytes(id);
    const values = permissions.map(({ subject, access }) => sql`(${resourceId}, ${subject}, ${access})`);
    return this.database.transaction(async (tx) => {
      // Locks the row without a change, so that of two parallel lists one is stored completely and not a mixture.
      const owned = await tx.query(sql`
        UPDATE resources SET owner = owner WHERE id = ${resourceId} AND owner = ${owner} RETURNING id`);
      if (owned.length === 0) return false;
      await tx.query(sql`DELETE FROM resource_permissions WHERE resource_id = ${resourceId}`);
      if (values.length > 0) {
        await tx.query(
          sql`INSERT INTO resource_permissions (resource_id, subject, access) VALUES ${join(values)}`,
        );
      }
      return true;
    });
  }

  #resources(rows: readonly Row[]): Resource[] {
    return rows.map((row) => this.database.fromRow(Resource, row));
  }
}

function sharedWith(subject: string, condition: Sql = sql``): Sql {
  return sql`EXISTS (
    SELECT 1 FROM resource_permissions AS shared
    WHERE shared.resource_id = resources.id AND shared.subject = ${subject} ${condition})`;
}
