import { Injectable } from '@nestjs/common';
import {
  assignments,
  Database,
  idFromBytes,
  idToBytes,
  insertInto,
  newId,
  type Row,
  type Step,
} from '@latchkey/platform';
import sql, { type Sql } from 'sql-template-tag';
import { Caches } from '../changes/caches.js';
import { ChangeLog } from '../changes/change-log.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import { LongestTokenLifetime } from '../changes/longest-token-lifetime.js';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import { isReservedScope } from '../scopes/reserved-scope.js';
import type { Client } from './client.js';
import type { ClientRegistration } from './client-registration.js';
import {
  ClientRepository,
  type ClientSecretFacts,
  type DisabledBy,
  type NewClientSecret,
  type StoredClient,
} from './client-repository.js';
import { registrationColumns, toClient, toStoredClient, words, type ClientRow } from './client-row.js';

const MAX_CACHED = 10_000;

@Injectable()
export class SqlClientRepository extends ClientRepository {
  readonly #cache: CoherentCache<Client>;

  constructor(
    private readonly database: Database,
    private readonly defaults: TokenLifetimes,
    private readonly changes: ChangeLog,
    private readonly longestLifetime: LongestTokenLifetime,
    caches: Caches,
  ) {
    super();
    this.#cache = caches.create<Client>({
      name: 'clients',
      maxEntries: MAX_CACHED,
      identify: ({ clientId }) => clientId,
      invalidatedBy: (change) => (change.kind === 'client' ? change.clientId : null),
    });
  }

  override findByClientId(clientId: string): Promise<Client | null> {
    return this.#cache.find(clientId, () => this.#read(clientId));
  }

  override rereadByClientId(clientId: string): Promise<Client | null> {
    return this.#cache.reread(clientId, () => this.#read(clientId));
  }

  override recallByClientId(clientId: string): Client | null {
    return this.#cache.recall(clientId);
  }

  override *someoneHasScopeLike(prefix: string): Step<boolean> {
    const rows = yield sql`SELECT 1 FROM clients
      WHERE ' ' || scope LIKE ${`% ${prefix}%`} LIMIT 1`;
    return rows.length > 0;
  }

  override *anotherHasScope(key: number, name: string): Step<boolean> {
    const rows = yield sql`SELECT 1 FROM clients c
      WHERE c.key <> ${key} AND c.disabled_by IS NULL AND ' ' || c.scope || ' ' LIKE ${`% ${name} %`}
        AND ' ' || c.grant_types || ' ' LIKE '% client_credentials %'
        AND EXISTS (SELECT 1 FROM client_secrets s WHERE s.client_key = c.key
          AND (s.expires_at IS NULL OR s.expires_at > ${this.database.now}))
      LIMIT 1`;
    return rows.length > 0;
  }

  override *isEmpty(): Step<boolean> {
    return (yield sql`SELECT 1 FROM clients LIMIT 1`).length === 0;
  }

  override *listNames(): Step<{ clientId: string; isAdministrator: boolean }[]> {
    const rows =
      yield sql`SELECT client_id, scope FROM clients ORDER BY client_id ${this.database.byteOrder}`;
    return rows.map((row) => ({
      clientId: row.client_id as string,
      isAdministrator: words.read(row.scope as string).some(isReservedScope),
    }));
  }

  override *load(clientId: string): Step<StoredClient | null> {
    const [first, ...rest] = (yield selectClient(clientId)) as unknown as ClientRow[];
    if (first === undefined) return null;
    return toStoredClient([first, ...rest], this.defaults);
  }

  override *insert(registration: ClientRegistration, disabledBy: DisabledBy | null): Step<{ key: number }> {
    const values = {
      ...registrationColumns(registration),
      disabled_by: disabledBy,
      epoch: yield* this.changes.firstEpoch(registration.clientId),
      created_at: this.database.now,
      updated_at: this.database.now,
    };
    const [row] = yield sql`${insertInto('clients', values)} RETURNING key`;
    yield* this.#coverLifetime(registration);
    return row as { key: number };
  }

  override *replace(key: number, registration: ClientRegistration): Step<void> {
    yield* this.#update(key, registrationColumns(registration));
    yield* this.#coverLifetime(registration);
  }

  override *setDisabled(key: number, disabledBy: DisabledBy | null): Step<void> {
    yield* this.#update(key, { disabled_by: disabledBy });
  }

  override *raiseEpoch(key: number): Step<void> {
    yield* this.#write(key, sql`epoch = epoch + 1`);
  }

  override *addSecret(key: number, { hash, expiresAt }: NewClientSecret): Step<string> {
    const id = newId();
    yield insertInto('client_secrets', {
      id: idToBytes(id),
      client_key: key,
      hash,
      created_at: this.database.now,
      expires_at: expiresAt,
    });
    yield* this.#secretsChanged(key);
    return id;
  }

  override *listSecrets(key: number): Step<ClientSecretFacts[]> {
    const rows = yield sql`SELECT id, created_at, expires_at, last_used_at FROM client_secrets
      WHERE client_key = ${key} ORDER BY id`;
    return rows.map((row) => ({
      id: idFromBytes(row.id as Buffer),
      createdAt: row.created_at as number,
      expiresAt: row.expires_at as number | null,
      lastUsedAt: row.last_used_at as number | null,
    }));
  }

  override *expireSecrets(key: number, at: number): Step<void> {
    yield sql`UPDATE client_secrets SET expires_at = ${at}
      WHERE client_key = ${key} AND (expires_at IS NULL OR expires_at > ${at})`;
    yield* this.#secretsChanged(key);
  }

  override *removeExpiredSecrets(key: number): Step<void> {
    yield sql`DELETE FROM client_secrets WHERE client_key = ${key} AND expires_at <= ${this.database.now}`;
    yield* this.#secretsChanged(key);
  }

  override *removeSecret(key: number, id: string): Step<boolean> {
    const rows = yield sql`DELETE FROM client_secrets
      WHERE client_key = ${key} AND id = ${idToBytes(id)} RETURNING id`;
    yield* this.#secretsChanged(key);
    return rows.length > 0;
  }

  override *removeSecrets(key: number): Step<void> {
    yield sql`DELETE FROM client_secrets WHERE client_key = ${key}`;
    yield* this.#secretsChanged(key);
  }

  override *delete(key: number): Step<void> {
    // What counts logins through it may be a million rows, which the cleanup deletes in portions.
    yield sql`DELETE FROM client_secrets WHERE client_key = ${key}`;
    // One more than it had, as for every other way to end its tokens.
    yield* this.#tell(
      yield sql`DELETE FROM clients WHERE key = ${key} RETURNING client_id, epoch + 1 AS epoch`,
    );
  }

  *#write(key: number, columns: Sql): Step<void> {
    yield* this.#tell(
      yield sql`UPDATE clients SET ${columns}, updated_at = ${this.database.now} WHERE key = ${key}
        RETURNING client_id, epoch`,
    );
  }

  *#secretsChanged(key: number): Step<void> {
    yield* this.#tell(yield sql`SELECT client_id, epoch FROM clients WHERE key = ${key}`);
  }

  /** Everything that is written about a client is told to whoever remembers it. */
  *#tell([row]: Row[]): Step<void> {
    if (row !== undefined) yield* this.changes.clientChanged(row.client_id as string, row.epoch as number);
  }

  #coverLifetime({ accessTokenTtl }: ClientRegistration): Step<void> {
    return this.longestLifetime.cover(accessTokenTtl ?? this.defaults.accessTokenTtl);
  }

  #update(key: number, values: Row): Step<void> {
    return this.#write(key, sql`${assignments(values)}, version = version + 1`);
  }

  async #read(clientId: string): Promise<Client | null> {
    const [first, ...rest] = await this.database.query<ClientRow>(selectClient(clientId));
    return first === undefined ? null : toClient([first, ...rest], this.defaults);
  }
}

function selectClient(clientId: string): Sql {
  return sql`SELECT c.*, s.id AS secret_id, s.hash AS secret_hash, s.expires_at AS secret_expires_at
    FROM clients c LEFT JOIN client_secrets s ON s.client_key = c.key
    WHERE c.client_id = ${clientId}`;
}
