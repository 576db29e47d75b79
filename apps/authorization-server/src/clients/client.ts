import type { GrantType } from '@latchkey/contracts';
import type { TokenLifetimes } from '../config/authorization-server-config.js';
import { pickFields } from '../fields/field.js';
import type { Authority } from '../users/deleted-names.js';
import type { ClientEntity, ClientSecretEntity } from './client.entity.js';
import { CLIENT_FIELDS, type ClientRegistration } from './client-fields.js';

/** A stored client secret, as a hash. */
export type ClientSecret = Pick<ClientSecretEntity, 'id' | 'hash' | 'expiresAt'>;

export type NewClientSecret = Pick<ClientSecretEntity, 'hash' | 'expiresAt'>;

/** Secrets of one client. Bounded because each authentication compares with all of them. */
export const MAX_CLIENT_SECRETS = 10;

/** A client secret without its value. */
export type ClientSecretInfo = Omit<ClientSecretEntity, 'clientKey' | 'hash'>;

/** A registered client (RFC 6749 section 2). The server's default lifetimes are already filled in. */
export interface Client
  extends Omit<ClientRegistration, 'grantTypes' | keyof TokenLifetimes>, Readonly<TokenLifetimes> {
  /** Internal and never reused; `clientId` may be registered again after a deletion. */
  readonly key: number;
  readonly secrets: readonly ClientSecret[];
  readonly grantTypes: ReadonlySet<GrantType>;
  readonly enabled: boolean;
  /** Raised by every change that must end the client's authorizations at once. */
  readonly epoch: number;
}

export interface StoredClient {
  readonly client: Client;
  readonly registration: ClientRegistration;
  /** No configuration file enables a client that an administrator disabled. */
  readonly disabledBy: Authority | null;
  /** Raised by every change of the registration and of the state. */
  readonly version: number;
  /** Milliseconds since the epoch, like all times. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function toStoredClient(
  entity: ClientEntity,
  secrets: readonly ClientSecret[],
  defaults: TokenLifetimes,
): StoredClient {
  const { key, clientId, epoch, disabledBy, version, createdAt, updatedAt } = entity;
  const registration = { clientId, ...pickFields(CLIENT_FIELDS, entity) };
  const client = {
    ...registration,
    key,
    secrets,
    grantTypes: new Set(registration.grantTypes),
    accessTokenTtl: registration.accessTokenTtl ?? defaults.accessTokenTtl,
    refreshTokenTtl: registration.refreshTokenTtl ?? defaults.refreshTokenTtl,
    refreshTokenIdleTtl: registration.refreshTokenIdleTtl ?? defaults.refreshTokenIdleTtl,
    refreshTokenGrace: registration.refreshTokenGrace ?? defaults.refreshTokenGrace,
    enabled: disabledBy === null,
    epoch,
  };
  return { client, registration, disabledBy, version, createdAt, updatedAt };
}
