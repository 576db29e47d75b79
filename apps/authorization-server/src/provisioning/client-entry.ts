import { ScopeSet } from '@latchkey/contracts';
import { withoutDefaults, type EntryFields } from '../audit/field-changes.js';
import { clientFields, type ClientRegistration } from '../clients/client-registration.js';
import type { NewClientSecret } from '../clients/client-repository.js';
import { hashClientSecret } from '../clients/client-secret-hash.js';
import type { ClientMetadata } from './client-metadata.js';
import type { ClientEntry } from './configuration-document.js';

/** What an entry registers; a key that is left out has its default. */
export function toRegistration(entry: ClientMetadata & Pick<ClientEntry, 'client_id'>): ClientRegistration {
  const grantTypes = entry.grant_types ?? [];
  return {
    clientId: entry.client_id,
    clientName: entry.client_name ?? entry.client_id,
    clientType: entry.client_type ?? 'confidential',
    grantTypes,
    scope: entry.scope ? ScopeSet.parse(entry.scope) : ScopeSet.EMPTY,
    defaultScope: entry.default_scope ? ScopeSet.parse(entry.default_scope) : null,
    audience: entry.audience ?? [],
    accessTokenFormat: entry.access_token_format ?? 'jwt',
    accessTokenSigningAlg: entry.access_token_signing_alg ?? 'ES256',
    accessTokenTtl: entry.access_token_ttl ?? null,
    refreshTokenPolicy:
      entry.refresh_token_policy ?? (grantTypes.includes('refresh_token') ? 'unlimited' : 'none'),
    refreshTokenMaxUses: entry.refresh_token_max_uses ?? null,
    refreshTokenTtl: entry.refresh_token_ttl ?? null,
    refreshTokenIdleTtl: entry.refresh_token_idle_ttl ?? null,
    refreshTokenGrace: entry.refresh_token_grace ?? null,
    refreshTokenMaxRetries: entry.refresh_token_max_retries ?? null,
    mayIntrospect: entry.may_introspect ?? false,
    forwardsEndUserAddress: entry.forwards_end_user_address ?? false,
    passwordGrantUntil: entry.password_grant_until ?? null,
  };
}

/** What an entry has to say so that it registers just this: the keys that do not have their default. */
export function writtenClientFields(registration: ClientRegistration, enabled: boolean): EntryFields {
  const { clientId, grantTypes } = registration;
  const defaults = clientFields(toRegistration({ client_id: clientId, grant_types: [...grantTypes] }));
  return withoutDefaults(
    { ...clientFields(registration), enabled },
    { ...defaults, grant_types: [], enabled: true },
  );
}

/** The secrets that an entry gives, as they are stored. */
export function secretsOf(entry: ClientEntry): NewClientSecret[] {
  const { client_secret: secret, client_secret_hash: hash, client_secrets: several = [] } = entry;
  return [
    ...(secret === undefined ? [] : [{ hash: hashClientSecret(secret), expiresAt: null }]),
    ...(hash === undefined ? [] : [{ hash, expiresAt: null }]),
    ...several.map(({ hash, expires_at: end }) => ({
      hash,
      expiresAt: end === undefined ? null : Date.parse(end),
    })),
  ];
}
