import { GRANT_TYPES, type GrantType } from '@latchkey/contracts';
import { IsText, NamePageRequest } from '@latchkey/platform/http';
import {
  BOOLEAN,
  listOf,
  named,
  nullable,
  objectSchema,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import { IsBoolean, IsIn, Length } from 'class-validator';
import { CLIENT_FIELDS } from '../clients/client-fields.js';
import { withRules } from '../fields/field-rules.js';
import { schemasOf } from '../fields/field-schemas.js';
import { clientFields } from '../clients/client-registration-rules.js';
import type { ClientSecretInfo, StoredClient } from '../clients/client.js';
import { IsScopeName, IsTimestamp, IsVschar, Optional } from '../fields/validators.js';
import { IsClientSecretHash } from '../clients/client-secret-hash.js';
import { optionalTime, time, QueryFlag } from './wire.js';

/** The registered metadata of a client. The path names the client; a `client_id` in the body must agree with it. */
export class ClientRequest extends withRules(CLIENT_FIELDS) {
  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;
}

export class NewClientRequest extends withRules(CLIENT_FIELDS) {
  @IsVschar()
  @Length(1, 255)
  client_id!: string;

  @Optional()
  @IsVschar()
  @Length(1, 1024)
  client_secret?: string;

  @Optional()
  @IsClientSecretHash()
  client_secret_hash?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class NewSecretRequest {
  @Optional()
  @IsVschar()
  @Length(1, 1024)
  client_secret?: string;

  @Optional()
  @IsClientSecretHash()
  client_secret_hash?: string;

  /** When the secret expires; absent: never. */
  @Optional()
  @IsTimestamp()
  expires_at?: string;

  /** When the existing secrets expire at the latest. */
  @Optional()
  @IsTimestamp()
  expire_others_at?: string;
}

export class SecretDeletionRequest {
  /** Also when no other secret is left, so that the client can no longer authenticate. */
  @QueryFlag()
  force?: boolean;
}

export class ClientListRequest extends NamePageRequest {
  /** The whole name; several clients may have it. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  client_name?: string;

  /** How the `client_id` begins. */
  @Optional()
  @IsVschar()
  @Length(1, 255)
  prefix?: string;

  /** A scope that the client may ask for. */
  @Optional()
  @IsScopeName()
  scope?: string;

  @Optional()
  @IsIn(GRANT_TYPES)
  grant_type?: GrantType;

  @QueryFlag()
  enabled?: boolean;
}

/** A client without its secrets. Members have the names of the configuration file. */
export const CLIENT = named(
  'Client',
  objectSchema(
    {
      client_id: TEXT,
      ...schemasOf(CLIENT_FIELDS),
      enabled: BOOLEAN,
      created_at: TIMESTAMP,
      updated_at: TIMESTAMP,
    },
    {
      // Only in the response to the request that created it.
      client_secret: TEXT,
      // Only in the response to the request that gave the secret.
      warnings: listOf(TEXT),
    },
  ),
);

export const CLIENT_SECRET = named(
  'ClientSecret',
  objectSchema(
    {
      id: TEXT,
      created_at: TIMESTAMP,
      expires_at: nullable(TIMESTAMP),
      // Rounded to the hour; `null`: not used yet.
      last_used_at: nullable(TIMESTAMP),
    },
    { client_secret: TEXT, warnings: listOf(TEXT) },
  ),
);

export type ClientResponse = TypeOf<typeof CLIENT>;
export type ClientSecretResponse = TypeOf<typeof CLIENT_SECRET>;

export function toClientResponse(stored: StoredClient): ClientResponse {
  return {
    client_id: stored.client.clientId,
    ...clientFields(stored.registration),
    enabled: stored.client.enabled,
    created_at: time(stored.createdAt),
    updated_at: time(stored.updatedAt),
  };
}

export function toSecretResponse({
  id,
  createdAt,
  expiresAt,
  lastUsedAt,
}: ClientSecretInfo): ClientSecretResponse {
  return {
    id,
    created_at: time(createdAt),
    expires_at: optionalTime(expiresAt),
    last_used_at: optionalTime(lastUsedAt),
  };
}
