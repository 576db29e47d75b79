import type { Database, Row, Snapshot } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { ClientEntity } from '../clients/client.entity.js';
import type { ClientRow } from '../clients/client-repository.js';
import { withoutDefaults } from '../audit/field-changes.js';
import { GroupEntity } from '../groups/group.entity.js';
import { groupFields } from '../groups/groups.service.js';
import { isBuiltInScope } from '../scopes/reserved-scope.js';
import { UserEntity } from '../users/user.entity.js';
import { writtenClientFields, writtenUserFields } from './entries.js';

/** An entry of a configuration file, with its keys in the order of the file. */
export type WrittenEntry = Readonly<Record<string, unknown>>;

/** The lists of a configuration file, read entry by entry. */
export interface WrittenConfiguration {
  readonly scopes: AsyncIterable<WrittenEntry>;
  /** Left out when empty, so that an earlier version can read the file. */
  readonly groups?: readonly WrittenEntry[];
  readonly clients: AsyncIterable<WrittenEntry>;
  readonly users: AsyncIterable<WrittenEntry>;
}

/** Exports an installation as a configuration file that recreates it. Each list is sorted by name. */
export class ConfigurationExporter {
  constructor(
    private readonly database: Database,
    /** Whether hashes of secrets and passwords are read too. */
    private readonly withSecrets: boolean,
  ) {}

  /** @param use reads the lists one after the other, from one snapshot */
  read<T>(use: (configuration: WrittenConfiguration) => Promise<T>): Promise<T> {
    return this.database.snapshot(async (snapshot) => {
      const groups = await this.#groups(snapshot);
      return use({
        scopes: this.#scopes(snapshot),
        ...(groups.length > 0 && { groups }),
        clients: this.#clients(snapshot),
        users: this.#users(snapshot),
      });
    });
  }

  async #groups(snapshot: Snapshot): Promise<WrittenEntry[]> {
    const groups: WrittenEntry[] = [];
    const { byteOrder } = this.database;
    for await (const row of snapshot.rows<Row>(sql`SELECT * FROM user_groups ORDER BY name ${byteOrder}`)) {
      const { name, ...rule } = this.database.fromRow(GroupEntity, row);
      groups.push({ name, ...withoutDefaults(groupFields(rule), {}) });
    }
    return groups;
  }

  async *#scopes(snapshot: Snapshot): AsyncIterable<WrittenEntry> {
    const { byteOrder } = this.database;
    const rows = snapshot.rows<{ name: string; description: string }>(
      sql`SELECT name, description FROM scopes ORDER BY name ${byteOrder}`,
    );
    for await (const { name, description } of rows) {
      if (!isBuiltInScope(name)) yield { name, ...(description !== '' && { description }) };
    }
  }

  async *#clients(snapshot: Snapshot): AsyncIterable<WrittenEntry> {
    const { byteOrder } = this.database;
    const rows = snapshot.rows<ClientRow>(
      sql`SELECT c.*, s.id AS secret_id, s.hash AS secret_hash, s.expires_at AS secret_expires_at
        FROM clients c LEFT JOIN client_secrets s ON s.client_key = c.key
        ORDER BY c.client_id ${byteOrder}, s.created_at, s.id`,
    );
    let client: ClientRow[] = [];
    for await (const row of rows) {
      if (client[0] !== undefined && client[0].key !== row.key) {
        yield this.#client(client);
        client = [];
      }
      client.push(row);
    }
    if (client.length > 0) yield this.#client(client);
  }

  /** @param rows the client, with one row for each secret */
  #client(rows: readonly ClientRow[]): WrittenEntry {
    const client = this.database.fromRow(ClientEntity, rows[0] ?? {});
    return {
      client_id: client.clientId,
      ...writtenClientFields(client, client.disabledBy === null),
      ...(this.withSecrets && secretFields(rows)),
    };
  }

  async *#users(snapshot: Snapshot): AsyncIterable<WrittenEntry> {
    const { byteOrder } = this.database;
    const rows = snapshot.rows<Row>(sql`SELECT * FROM users ORDER BY username ${byteOrder}`);
    for await (const row of rows) {
      const user = this.database.fromRow(UserEntity, row);
      yield {
        username: user.username,
        ...writtenUserFields(user.sub, user, user.disabledBy === null),
        ...(this.withSecrets && { password_hash: user.passwordHash }),
      };
    }
  }
}

/** The secrets of a client as the fields of an entry. A secret without expiry has a field of its own. */
function secretFields(rows: readonly ClientRow[]): Readonly<Record<string, unknown>> {
  const secrets = rows.flatMap(({ secret_id: id, secret_hash: hash, secret_expires_at: end }) =>
    id === null ? [] : [{ hash, ...(end !== null && { expires_at: new Date(end).toISOString() }) }],
  );
  const [first, ...others] = secrets;
  if (first === undefined) return {};
  if (others.length === 0 && !('expires_at' in first)) return { client_secret_hash: first.hash };
  return { client_secrets: secrets };
}
