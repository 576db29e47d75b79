import {
  Database,
  idFromBytes,
  insertInto,
  newId,
  type Reader,
  type Row,
  type Transaction,
} from '@latchkey/platform/database';
import { Inject, Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { CLIENT_FIELDS, type ClientRegistration } from './client-fields.js';
import { Caches } from '../changes/caches.js';
import { ChangePublisher } from '../changes/change-publisher.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import { LongestTokenLifetime } from '../changes/longest-token-lifetime.js';
import { pickFields } from '../fields/field.js';
import type { AuthorizationServerConfig, TokenLifetimes } from '../config/authorization-server-config.js';
import { CONFIG } from '../config/config.token.js';
import type { Authority } from '../users/deleted-names.js';
import { isReservedScope } from '../scopes/reserved-scope.js';
import { ClientEntity, ClientSecretEntity } from './client.entity.js';
import {
  type Client,
  type ClientSecretInfo,
  type NewClientSecret,
  type StoredClient,
  toStoredClient,
} from './client.js';

const MAX_CACHED = 10_000;

/** A row of a client, joined with one of its secrets. */
export interface ClientRow extends Row {
  key: number;
  secret_id: Buffer | null;
  secret_hash: string;
  secret_expires_at: number | null;
}

/** Each method that writes notifies all servers, which then evict the client from their caches. */
@Injectable()
export class ClientRepository {
  readonly #cache: CoherentCache<Client>;
  readonly #defaults: TokenLifetimes;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) config: AuthorizationServerConfig,
    private readonly changes: ChangePublisher,
    private readonly longestLifetime: LongestTokenLifetime,
    caches: Caches,
  ) {
    this.#defaults = config.tokenLifetimes;
    this.#cache = caches.create<Client>({
      name: 'clients',
      maxEntries: MAX_CACHED,
      invalidatedBy: (change) => (change.kind === 'client' ? change.clientId : null),
    });
  }

  /** From the cache, until the client changes. */
  findByClientId(clientId: string): Client | null | Promise<Client | null> {
    return this.#cache.find(clientId, () => this.#readClient(clientId));
  }

  /** From the database, even if the client is cached. */
  rereadByClientId(clientId: string): Promise<Client | null> {
    return this.#cache.reread(clientId, () => this.#readClient(clientId));
  }

  /** @returns `null` when the client is not cached; it may still exist */
  getCachedByClientId(clientId: string): Client | null {
    return this.#cache.getCached(clientId);
  }

  /** Whether any client, disabled or not, has a scope that starts with `prefix`. */
  async someoneHasScopeLike(tx: Transaction, prefix: string): Promise<boolean> {
    const rows = await tx.query(sql`SELECT 1 FROM clients
      WHERE ' ' || scope LIKE ${`% ${prefix}%`} LIMIT 1`);
    return rows.length > 0;
  }

  /** Whether another enabled client has the scope, may use it on its own behalf and can authenticate. */
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
    return !(await reader.manager.exists(ClientEntity));
  }

  /** Every `client_id`, and whether the client has administrative scopes. */
  async listNames(tx: Transaction): Promise<{ clientId: string; isAdministrator: boolean }[]> {
    const rows = await tx.query<{ client_id: string; scope: string }>(
      sql`SELECT client_id, scope FROM clients ORDER BY client_id ${this.database.byteOrder}`,
    );
    return rows.map((row) => ({
      clientId: row.client_id,
      isAdministrator: row.scope.split(' ').some(isReservedScope),
    }));
  }

  load(tx: Transaction, clientId: string): Promise<StoredClient | null> {
    return this.#read(tx, clientId);
  }

  async insert(
    tx: Transaction,
    registration: ClientRegistration,
    disabledBy: Authority | null,
  ): Promise<{ key: number }> {
    // Not by TypeORM: the epoch is an expression there.
    const { clientId } = registration;
    const fields = pickFields(CLIENT_FIELDS, registration);
    const values = {
      ...this.database.toRow(ClientEntity, { ...fields, clientId, disabledBy }),
      epoch: this.changes.firstEpoch(clientId),
      created_at: this.database.now,
      updated_at: this.database.now,
    };
    const [row] = await tx.query(sql`${insertInto('clients', values)} RETURNING key`);
    await this.#coverLifetime(tx, registration);
    return row as { key: number };
  }

  async replace(tx: Transaction, key: number, registration: ClientRegistration): Promise<void> {
    await this.#update(tx, key, pickFields(CLIENT_FIELDS, registration));
    await this.#coverLifetime(tx, registration);
  }

  setDisabled(tx: Transaction, key: number, disabledBy: Authority | null): Promise<void> {
    return this.#update(tx, key, { disabledBy });
  }

  /** Ends every authorization of the client. */
  async raiseEpoch(tx: Transaction, key: number): Promise<void> {
    const epoch = () => 'epoch + 1';
    await tx.manager.update(ClientEntity, { key }, { epoch, updatedAt: this.#now });
    await this.#changed(tx, key);
  }

  /** @returns its id */
  async addSecret(tx: Transaction, key: number, secret: NewClientSecret): Promise<string> {
    const id = newId();
    const createdAt = this.#now;
    await tx.manager.insert(ClientSecretEntity, { ...secret, id, clientKey: key, createdAt });
    await this.#changed(tx, key);
    return id;
  }

  /** Oldest first. */
  listSecrets(reader: Reader, key: number): Promise<ClientSecretInfo[]> {
    return reader.manager.find(ClientSecretEntity, {
      select: { id: true, createdAt: true, expiresAt: true, lastUsedAt: true },
      where: { clientKey: key },
      order: { id: 'ASC' },
    });
  }

  /** Limits the expiry of the existing secrets to this time. */
  async expireSecrets(tx: Transaction, key: number, at: number): Promise<void> {
    await tx.query(sql`UPDATE client_secrets SET expires_at = ${at}
      WHERE client_key = ${key} AND (expires_at IS NULL OR expires_at > ${at})`);
    await this.#changed(tx, key);
  }

  async removeExpiredSecrets(tx: Transaction, key: number): Promise<void> {
    await tx.query(
      sql`DELETE FROM client_secrets WHERE client_key = ${key} AND expires_at <= ${this.database.now}`,
    );
    await this.#changed(tx, key);
  }

  /** @returns false when there is no such secret */
  async removeSecret(tx: Transaction, key: number, id: string): Promise<boolean> {
    const secret = await tx.manager.findOneBy(ClientSecretEntity, { id, clientKey: key });
    if (secret === null) return false;
    await tx.manager.delete(ClientSecretEntity, { id });
    await this.#changed(tx, key);
    return true;
  }

  async removeSecrets(tx: Transaction, key: number): Promise<void> {
    await tx.manager.delete(ClientSecretEntity, { clientKey: key });
    await this.#changed(tx, key);
  }

  async delete(tx: Transaction, key: number): Promise<void> {
    // The counts of its logins may be a million rows, which the cleanup deletes in portions.
    await tx.manager.delete(ClientSecretEntity, { clientKey: key });
    // Raising the epoch ends its tokens, in the same way as any other change that ends them.
    await this.raiseEpoch(tx, key);
    await tx.manager.delete(ClientEntity, { key });
  }

  async #update(tx: Transaction, key: number, values: Partial<ClientEntity>): Promise<void> {
    const version = () => 'version + 1';
    await tx.manager.update(ClientEntity, { key }, { ...values, version, updatedAt: this.#now });
    await this.#changed(tx, key);
  }

  /** Every write to a client notifies the servers that have it in their caches. */
  async #changed(tx: Transaction, key: number): Promise<void> {
    const [client] = await tx.query<{ client_id: string; epoch: number }>(
      sql`SELECT client_id, epoch FROM clients WHERE key = ${key}`,
    );
    if (client !== undefined) await this.changes.clientChanged(tx, client.client_id, client.epoch);
  }

  get #now(): () => string {
    return () => this.database.now.sql;
  }

  #coverLifetime(tx: Transaction, { accessTokenTtl }: ClientRegistration): Promise<void> {
    return this.longestLifetime.cover(tx, accessTokenTtl ?? this.#defaults.accessTokenTtl);
  }

  async #read(reader: Reader, clientId: string): Promise<StoredClient | null> {
    // One statement, and not TypeORM, which takes ten times as long: logins of clients that are not cached wait for it.
    const rows = await reader.query<ClientRow>(sql`
      SELECT c.*, s.id AS secret_id, s.hash AS secret_hash, s.expires_at AS secret_expires_at
      FROM clients c LEFT JOIN client_secrets s ON s.client_key = c.key WHERE c.client_id = ${clientId}`);
    const [first] = rows;
    if (first === undefined) return null;
    const secrets = rows.flatMap(({ secret_id: id, secret_hash: hash, secret_expires_at: expiresAt }) =>
      id === null ? [] : [{ id: idFromBytes(id), hash, expiresAt }],
    );
    return toStoredClient(this.database.fromRow(ClientEntity, first), secrets, this.#defaults);
  }

  async #readClient(clientId: string): Promise<Client | null> {
    return (await this.#read(this.database, clientId))?.client ?? null;
  }
}
