import { ScopeSet, type GrantType, type SigningAlgorithm } from '@latchkey/contracts';
import { idFromBytes } from '@latchkey/platform';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import type { Client, ClientSecret, ClientType, AccessTokenFormat, RefreshTokenPolicy } from './client.js';
import type { ClientRegistration } from './client-registration.js';
import type { DisabledBy, StoredClient } from './client-repository.js';

/** A row of `clients`, joined with one of its secrets. */
export interface ClientRow {
  key: number;
  client_id: string;
  client_name: string;
  client_type: ClientType;
  grant_types: string;
  scope: string;
  default_scope: string | null;
  audience: string;
  access_token_format: AccessTokenFormat;
  access_token_signing_alg: SigningAlgorithm;
  access_token_ttl: number | null;
  refresh_token_policy: RefreshTokenPolicy;
  refresh_token_max_uses: number | null;
  refresh_token_ttl: number | null;
  refresh_token_idle_ttl: number | null;
  refresh_token_grace: number | null;
  refresh_token_max_retries: number | null;
  may_introspect: boolean | number;
  forwards_end_user_address: boolean | number;
  password_grant_until: string | null;
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
  return {
    clientId: row.client_id,
    clientName: row.client_name,
    clientType: row.client_type,
    grantTypes: words.read(row.grant_types) as GrantType[],
    scope: ScopeSet.of(words.read(row.scope)),
    defaultScope: row.default_scope === null ? null : ScopeSet.of(words.read(row.default_scope)),
    audience: words.read(row.audience),
    accessTokenFormat: row.access_token_format,
    accessTokenSigningAlg: row.access_token_signing_alg,
    accessTokenTtl: row.access_token_ttl,
    refreshTokenPolicy: row.refresh_token_policy,
    refreshTokenMaxUses: row.refresh_token_max_uses,
    refreshTokenTtl: row.refresh_token_ttl,
    refreshTokenIdleTtl: row.refresh_token_idle_ttl,
    refreshTokenGrace: row.refresh_token_grace,
    refreshTokenMaxRetries: row.refresh_token_max_retries,
    mayIntrospect: Boolean(row.may_introspect),
    forwardsEndUserAddress: Boolean(row.forwards_end_user_address),
    passwordGrantUntil: row.password_grant_until,
  };
}

/** @param rows the client's row, once per secret */
export function toClient(rows: readonly [ClientRow, ...ClientRow[]], defaults: TokenLifetimes): Client {
  const [row] = rows;
  // Written out, so that all clients share one shape.
  const { clientId, clientName, clientType, grantTypes, scope, defaultScope, audience } = toRegistration(row);
  return {
    key: row.key,
    clientId,
    clientName,
    clientType,
    secrets: rows.flatMap(toSecret),
    grantTypes: new Set(grantTypes),
    scope,
    defaultScope,
    audience,
    tokenSettings: {
      accessTokenFormat: row.access_token_format,
      accessTokenSigningAlg: row.access_token_signing_alg,
      accessTokenTtl: row.access_token_ttl ?? defaults.accessTokenTtl,
      refreshTokenPolicy: row.refresh_token_policy,
      refreshTokenMaxUses: row.refresh_token_max_uses,
      refreshTokenTtl: row.refresh_token_ttl ?? defaults.refreshTokenTtl,
      refreshTokenIdleTtl: row.refresh_token_idle_ttl ?? defaults.refreshTokenIdleTtl,
      refreshTokenGrace: row.refresh_token_grace ?? defaults.refreshTokenGrace,
      refreshTokenMaxRetries: row.refresh_token_max_retries,
    },
    mayIntrospect: Boolean(row.may_introspect),
    forwardsEndUserAddress: Boolean(row.forwards_end_user_address),
    passwordGrantUntil: row.password_grant_until,
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
export function registrationColumns(registration: ClientRegistration) {
  return {
    client_id: registration.clientId,
    client_name: registration.clientName,
    client_type: registration.clientType,
    grant_types: words.write(registration.grantTypes),
    scope: registration.scope.toString(),
    default_scope: registration.defaultScope?.toString() ?? null,
    audience: words.write(registration.audience),
    access_token_format: registration.accessTokenFormat,
    access_token_signing_alg: registration.accessTokenSigningAlg,
    access_token_ttl: registration.accessTokenTtl,
    refresh_token_policy: registration.refreshTokenPolicy,
    refresh_token_max_uses: registration.refreshTokenMaxUses,
    refresh_token_ttl: registration.refreshTokenTtl,
    refresh_token_idle_ttl: registration.refreshTokenIdleTtl,
    refresh_token_grace: registration.refreshTokenGrace,
    refresh_token_max_retries: registration.refreshTokenMaxRetries,
    may_introspect: registration.mayIntrospect,
    forwards_end_user_address: registration.forwardsEndUserAddress,
    password_grant_until: registration.passwordGrantUntil,
  };
}

function toSecret({ secret_id, secret_hash, secret_expires_at }: ClientRow): ClientSecret[] {
  if (secret_id === null || secret_hash === null) return [];
  return [{ id: idFromBytes(secret_id), hash: secret_hash, expiresAt: secret_expires_at }];
}
