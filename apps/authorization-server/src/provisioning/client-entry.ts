import { ScopeSet } from '@latchkey/contracts';
import { withoutDefaults, type EntryFields } from '../audit/field-changes.js';
import {
  makeRegistration,
  type ClientField,
  type ClientMetadata,
  type ClientRegistration,
} from '../clients/client-fields.js';
import { clientFields } from '../clients/client-registration.js';
import { hashClientSecret } from '../clients/client-secret-hash.js';
import type { ClientEntry } from './configuration-document.js';
import type { NewClientSecret } from '../clients/client.js';

/** What an entry registers; a key that is left out has its default. */
export function toRegistration(entry: ClientMetadata & Pick<ClientEntry, 'client_id'>): ClientRegistration {
  const given: Readonly<Record<string, unknown>> = {
    ...entry,
    client_name: entry.client_name ?? entry.client_id,
    refresh_token_policy:
      entry.refresh_token_policy ?? (entry.grant_types?.includes('refresh_token') ? 'unlimited' : 'none'),
  };
  return makeRegistration(entry.client_id, (field) => fromWire(field, given[field.name]));
}

function fromWire(field: ClientField, given: unknown): unknown {
  const value = given ?? ('default' in field ? field.default : null);
  if (field.type !== 'scope') return value;
  if (value === null || value === '') return 'nullable' in field ? null : ScopeSet.EMPTY;
  return ScopeSet.parse(value as string);
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
