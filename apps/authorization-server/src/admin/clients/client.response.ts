import type { EntryFields } from '../../audit/field-changes.js';
import { clientFields } from '../../clients/client-registration.js';
import { optionalTime, time } from '../common/times.js';
import type { ClientSecretInfo, StoredClient } from '../../clients/client.js';

/** A client: everything but its secrets. Members are called as in a configuration file; times are RFC 3339. */
export type ClientResponse = EntryFields & {
  client_id: string;
  enabled: boolean;
  created_at: string;
  updated_at: string;
  /** Only in the answer to the request that made it, and never again. */
  client_secret?: string;
  /** Only in the answer to the request that gave the secret. */
  warnings?: string[];
};

export interface ClientSecretResponse {
  id: string;
  created_at: string;
  expires_at: string | null;
  /** To the hour; `null`: not used yet. */
  last_used_at: string | null;
  /** Only in the answer to the request that made it, and never again. */
  client_secret?: string;
  /** Only in the answer to the request that gave the secret. */
  warnings?: string[];
}

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
