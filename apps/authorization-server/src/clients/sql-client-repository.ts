import { Injectable } from '@nestjs/common';
import { assignments, Database, idToBytes, insertInto, newId, type Step } from '@latchkey/platform';
import sql, { type Sql } from 'sql-template-tag';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import type { Client } from './client.js';
import type { ClientRegistration } from './client-registration.js';
import {
  ClientRepository,
  type DisabledBy,
  type NewClientSecret,
  type StoredClient,
} from './client-repository.js';
import { registrationColumns, toClient, toRegistration, type ClientRow } from './client-row.js';

@Injectable()
export class SqlClientRepository extends ClientRepository {
  constructor(
    private readonly database: Database,
    private readonly defaults: TokenLifetimes,
  ) {
    super();
  }

  override async findByClientId(clientId: string): Promise<Client | null> {
    const [first, ...rest] = await this.database.query<ClientRow>(selectClient(clientId));
    return first === undefined ? null : toClient([first, ...rest], this.defaults);
  }

  override *someoneHasScopeLike(prefix: string): Step<boolean> {
    const rows = yield sql`SELECT 1 FROM clients
      WHERE ' ' || scope LIKE ${`% ${prefix}%`} LIMIT 1`;
    return rows.length > 0;
  }

  override *isEmpty(): Step<boolean> {
    return (yield sql`SELECT 1 FROM clients LIMIT 1`).length === 0;
  }

  override *load(clientId: string): Step<StoredClient | null> {
    const [first, ...rest] = (yield selectClient(clientId)) as unknown as ClientRow[];
    if (first === undefined) return null;
    return {
      client: toClient([first, ...rest], this.defaults),
      registration: toRegistration(first),
      disabledBy: first.disabled_by,
    };
  }

  override *insert(registration: ClientRegistration, disabledBy: DisabledBy | null): Step<{ key: number }> {
    const values = {
      ...registrationColumns(registration),
      disabled_by: disabledBy,
      epoch: 0,
      created_at: this.database.now,
      updated_at: this.database.now,
    };
    const [row] = yield sql`${insertInto('clients', values)} RETURNING key`;
    return row as { key: number };
  }

  override *replace(key: number, registration: ClientRegistration): Step<void> {
    const values = { ...registrationColumns(registration), updated_at: this.database.now };
    yield sql`UPDATE clients SET ${assignments(values)} WHERE key = ${key}`;
  }

  override *setDisabled(key: number, disabledBy: DisabledBy | null): Step<void> {
    yield sql`UPDATE clients SET disabled_by = ${disabledBy}, updated_at = ${this.database.now} WHERE key = ${key}`;
  }

  override *raiseEpoch(key: number): Step<void> {
    yield sql`UPDATE clients SET epoch = epoch + 1 WHERE key = ${key}`;
  }

  override *addSecret(key: number, { hash, expiresAt }: NewClientSecret): Step<void> {
    yield insertInto('client_secrets', {
      id: idToBytes(newId()),
      client_key: key,
      hash,
      created_at: this.database.now,
      expires_at: expiresAt,
    });
  }

  override *removeSecrets(key: number): Step<void> {
    yield sql`DELETE FROM client_secrets WHERE client_key = ${key}`;
  }

  override *delete(key: number): Step<void> {
    yield* this.removeSecrets(key);
    yield sql`DELETE FROM clients WHERE key = ${key}`;
  }
}

function selectClient(clientId: string): Sql {
  return sql`SELECT c.*, s.id AS secret_id, s.hash AS secret_hash, s.expires_at AS secret_expires_at
    FROM clients c LEFT JOIN client_secrets s ON s.client_key = c.key
    WHERE c.client_id = ${clientId}`;
}
