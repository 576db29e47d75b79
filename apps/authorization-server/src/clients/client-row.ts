import { ScopeSet } from '@latchkey/contracts';
import { idFromBytes, type Row } from '@latchkey/platform/database';
import type { FieldValue } from '../audit/field-changes.js';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import type { Client, ClientSecret, DisabledBy, StoredClient } from './client.js';
import { makeRegistration, mapToNames, type ClientField, type ClientRegistration } from './client-fields.js';

/** A row of `clients`, joined with one of its secrets. The fields of a registration are columns of their names. */
export interface ClientRow extends Row {
  key: number;
  client_id: string;
  disabled_by: DisabledBy | null;
  epoch: number;
  version: number;
  created_at: number;
  updated_at: number;
  secret_id: Buffer | null;
  secret_hash: string | null;
  secret_expires_at: number | null;
}

/** Lists are stored as text: names without spaces, separated by one. */
export const words = {
  read: (text: string): string[] => text.split(' ').filter((word) => word !== ''),
  write: (list: Iterable<string>): string => [...list].join(' '),
};

export function toRegistration(row: ClientRow): ClientRegistration {
  return makeRegistration(row.client_id, (field) => readColumn(field, row[field.name]));
}

function readColumn({ type }: ClientField, value: unknown): unknown {
  if (value === null) return null;
  switch (type) {
    case 'choices':
    case 'audience':
      return words.read(value as string);
    case 'scope':
      return ScopeSet.of(words.read(value as string));
    case 'boolean':
      return Boolean(value);
    case 'text':
    case 'choice':
    case 'integer':
    case 'date':
      return value;
  }
}

/** @param rows the client's row, once per secret */
export function toClient(rows: readonly [ClientRow, ...ClientRow[]], defaults: TokenLifetimes): Client {
  const [row] = rows;
  const registration = toRegistration(row);
  return {
    ...registration,
    key: row.key,
    secrets: rows.flatMap(toSecret),
    grantTypes: new Set(registration.grantTypes),
    accessTokenTtl: registration.accessTokenTtl ?? defaults.accessTokenTtl,
    refreshTokenTtl: registration.refreshTokenTtl ?? defaults.refreshTokenTtl,
    refreshTokenIdleTtl: registration.refreshTokenIdleTtl ?? defaults.refreshTokenIdleTtl,
    refreshTokenGrace: registration.refreshTokenGrace ?? defaults.refreshTokenGrace,
    enabled: row.disabled_by === null,
    epoch: row.epoch,
  };
}

export function toStoredClient(
  rows: readonly [ClientRow, ...ClientRow[]],
  defaults: TokenLifetimes,
): StoredClient {
  const [row] = rows;
  return {
    client: toClient(rows, defaults),
    registration: toRegistration(row),
    disabledBy: row.disabled_by,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The columns that hold a registration. */
export function registrationColumns(registration: ClientRegistration): Row {
  return { client_id: registration.clientId, ...mapToNames((_, key) => toColumn(registration[key])) };
}

function toColumn(value: FieldValue | ScopeSet): string | number | boolean | null {
  if (value instanceof ScopeSet) return value.toString();
  return typeof value === 'object' && value !== null ? words.write(value) : value;
}

function toSecret({ secret_id, secret_hash, secret_expires_at }: ClientRow): ClientSecret[] {
  if (secret_id === null || secret_hash === null) return [];
  return [{ id: idFromBytes(secret_id), hash: secret_hash, expiresAt: secret_expires_at }];
}
