import {
  assignments,
  Database,
  idFromBytes,
  idToBytes,
  insertInto,
  newId,
  type Reader,
  type Row,
  type Transaction,
} from '@latchkey/platform/database';
import { Inject, Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type { ClientRegistration } from './client-fields.js';
import { Caches } from '../changes/caches.js';
import { ChangeLog } from '../changes/change-log.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import { LongestTokenLifetime } from '../changes/longest-token-lifetime.js';
import type { AuthorizationServerConfig, TokenLifetimes } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import { isReservedScope } from '../scopes/reserved-scope.js';
import type { Client, ClientSecretInfo, DisabledBy, NewClientSecret, StoredClient } from './client.js';
import { type ClientRow, registrationColumns, toClient, toStoredClient, words } from './client-row.js';

const MAX_CACHED = 10_000;

/** What other servers are told of a change. */
interface ChangedClient {
  client_id: string;
  epoch: number;
}

/** Each method that writes tells all servers, which then forget what they remember of the client. */
@Injectable()
export class ClientRepository {
  readonly #cache: CoherentCache<Client>;
  readonly #defaults: TokenLifetimes;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) config: AuthorizationServerConfig,
    private readonly changes: ChangeLog,
    private readonly longestLifetime: LongestTokenLifetime,
    caches: Caches,
  ) {
    this.#defaults = config.tokenLifetimes;
    this.#cache = caches.create<Client>({
      name: 'clients',
      maxEntries: MAX_CACHED,
      identify: ({ clientId }) => clientId,
      invalidatedBy: (change) => (change.kind === 'client' ? change.clientId : null),
    });
  }

  /** From memory, as long as nothing changes. */
  findByClientId(clientId: string): Promise<Client | null> {
    return this.#cache.find(clientId, () => this.#read(clientId));
  }

  /** From the database even if memory knows the client. */
  rereadByClientId(clientId: string): Promise<Client | null> {
    return this.#cache.reread(clientId, () => this.#read(clientId));
  }

  /** @returns `null` when memory does not know the client, who may exist */
  recallByClientId(clientId: string): Client | null {
    return this.#cache.recall(clientId);
  }

  /** Whether any client, disabled or not, has a scope that starts with `prefix`. */
  async someoneHasScopeLike(tx: Transaction, prefix: string): Promise<boolean> {
    const rows = await tx.query(sql`SELECT 1 FROM clients
      WHERE ' ' || scope LIKE ${`% ${prefix}%`} LIMIT 1`);
    return rows.length > 0;
  }

  /** Whether an enabled client but this one has the scope, may use it on its own behalf and can authenticate. */
  async anotherHasScope(tx: Transaction, key: number, name: string): Promise<boolean> {
    const rows = await tx.query(sql`SELECT 1 FROM clients c
      WHERE c.key <> ${key} AND c.disabled_by IS NULL AND ' ' || c.scope || ' ' LIKE ${`% ${name} %`}
        AND ' ' || c.grant_types || ' ' LIKE '% client_credentials %'
        AND EXISTS (SELECT 1 FROM client_secrets s WHERE s.client_key = c.key
          AND (s.expires_at IS NULL OR s.expires_at > ${this.database.now}))
      LIMIT 1`);
    return rows.length > 0;
  }

  async isEmpty(reader: Reader): Promise<boolean> {
    return (await reader.query(sql`SELECT 1 FROM clients LIMIT 1`)).length === 0;
  }

  /** Every `client_id`, and whether the client has administrative scopes. */
  async listNames(tx: Transaction): Promise<{ clientId: string; isAdministrator: boolean }[]> {
    const rows = await tx.query<{ client_id: string; scope: string }>(
      sql`SELECT client_id, scope FROM clients ORDER BY client_id ${this.database.byteOrder}`,
    );
    return rows.map((row) => ({
      clientId: row.client_id,
      isAdministrator: words.read(row.scope).some(isReservedScope),
    }));
  }

  async load(tx: Transaction, clientId: string): Promise<StoredClient | null> {
    const [first, ...rest] = await tx.query<ClientRow>(selectClient(clientId));
    if (first === undefined) return null;
    return toStoredClient([first, ...rest], this.#defaults);
  }

  async insert(
    tx: Transaction,
    registration: ClientRegistration,
    disabledBy: DisabledBy | null,
  ): Promise<{ key: number }> {
    const values = {
      ...registrationColumns(registration),
      disabled_by: disabledBy,
      epoch: this.changes.firstEpoch(registration.clientId),
      created_at: this.database.now,
      updated_at: this.database.now,
    };
    const [row] = await tx.query(sql`${insertInto('clients', values)} RETURNING key`);
    await this.#coverLifetime(tx, registration);
    return row as { key: number };
  }

  async replace(tx: Transaction, key: number, registration: ClientRegistration): Promise<void> {
    await this.#update(tx, key, registrationColumns(registration));
    await this.#coverLifetime(tx, registration);
  }

  async setDisabled(tx: Transaction, key: number, disabledBy: DisabledBy | null): Promise<void> {
    await this.#update(tx, key, { disabled_by: disabledBy });
  }

  /** Ends every authorization of the client. */
  async raiseEpoch(tx: Transaction, key: number): Promise<void> {
    await this.#write(tx, key, sql`epoch = epoch + 1`);
  }

  /** @returns its id */
  async addSecret(tx: Transaction, key: number, { hash, expiresAt }: NewClientSecret): Promise<string> {
    const id = newId();
    await tx.query(
      insertInto('client_secrets', {
        id: idToBytes(id),
        client_key: key,
        hash,
        created_at: this.database.now,
        expires_at: expiresAt,
      }),
    );
    await this.#secretsChanged(tx, key);
    return id;
  }

  /** Oldest first. */
  async listSecrets(reader: Reader, key: number): Promise<ClientSecretInfo[]> {
    const rows = await reader.query<Omit<ClientSecretInfo, 'id'> & { id: Buffer }>(sql`
      SELECT id, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt"
      FROM client_secrets WHERE client_key = ${key} ORDER BY id`);
    return rows.map((row) => ({ ...row, id: idFromBytes(row.id) }));
  }

  /** Lets the secrets that there are end at that time at the latest. */
  async expireSecrets(tx: Transaction, key: number, at: number): Promise<void> {
    await tx.query(sql`UPDATE client_secrets SET expires_at = ${at}
      WHERE client_key = ${key} AND (expires_at IS NULL OR expires_at > ${at})`);
    await this.#secretsChanged(tx, key);
  }

  async removeExpiredSecrets(tx: Transaction, key: number): Promise<void> {
    await tx.query(
      sql`DELETE FROM client_secrets WHERE client_key = ${key} AND expires_at <= ${this.database.now}`,
    );
    await this.#secretsChanged(tx, key);
  }

  /** @returns false when there is no such secret */
  async removeSecret(tx: Transaction, key: number, id: string): Promise<boolean> {
    const rows = await tx.query(sql`DELETE FROM client_secrets
      WHERE client_key = ${key} AND id = ${idToBytes(id)} RETURNING id`);
    await this.#secretsChanged(tx, key);
    return rows.length > 0;
  }

  async removeSecrets(tx: Transaction, key: number): Promise<void> {
    await tx.query(sql`DELETE FROM client_secrets WHERE client_key = ${key}`);
    await this.#secretsChanged(tx, key);
  }

  async delete(tx: Transaction, key: number): Promise<void> {
    // What counts logins through it may be a million rows, which the cleanup deletes in portions.
    await tx.query(sql`DELETE FROM client_secrets WHERE client_key = ${key}`);
    // One more than it had, as for every other way to end its tokens.
    await this.#tell(
      tx,
      await tx.query<ChangedClient>(
        sql`DELETE FROM clients WHERE key = ${key} RETURNING client_id, epoch + 1 AS epoch`,
      ),
    );
  }

  async #write(tx: Transaction, key: number, columns: Sql): Promise<void> {
    await this.#tell(
      tx,
      await tx.query<ChangedClient>(sql`UPDATE clients SET ${columns}, updated_at = ${this.database.now} WHERE key = ${key}
        RETURNING client_id, epoch`),
    );
  }

  async #secretsChanged(tx: Transaction, key: number): Promise<void> {
    await this.#tell(
      tx,
      await tx.query<ChangedClient>(sql`SELECT client_id, epoch FROM clients WHERE key = ${key}`),
    );
  }

  /** Everything that is written about a client is told to whoever remembers it. */
  async #tell(tx: Transaction, [row]: ChangedClient[]): Promise<void> {
    if (row !== undefined) await this.changes.clientChanged(tx, row.client_id, row.epoch);
  }

  #coverLifetime(tx: Transaction, { accessTokenTtl }: ClientRegistration): Promise<void> {
    return this.longestLifetime.cover(tx, accessTokenTtl ?? this.#defaults.accessTokenTtl);
  }

  #update(tx: Transaction, key: number, values: Row): Promise<void> {
    return this.#write(tx, key, sql`${assignments(values)}, version = version + 1`);
  }

  async #read(clientId: string): Promise<Client | null> {
    const [first, ...rest] = await this.database.query<ClientRow>(selectClient(clientId));
    return first === undefined ? null : toClient([first, ...rest], this.#defaults);
  }
}

function selectClient(clientId: string): Sql {
  return sql`SELECT c.*, s.id AS secret_id, s.hash AS secret_hash, s.expires_at AS secret_expires_at
    FROM clients c LEFT JOIN client_secrets s ON s.client_key = c.key
    WHERE c.client_id = ${clientId}`;
}
