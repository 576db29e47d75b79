import { type EntryFields, withoutDefaults } from '../audit/field-changes.js';
import { CLIENT_FIELDS, type ClientMetadata, type ClientRegistration } from '../clients/client-fields.js';
import { clientFields } from '../clients/client-registration-rules.js';
import { hashClientSecret } from '../clients/client-secret-hash.js';
import { fromWire } from '../fields/field.js';
import type { ClientEntry } from './configuration-document.js';
import type { NewClientSecret } from '../clients/client.js';
import { userFields } from '../users/user.js';
import { USER_FIELDS, type UserAttributes } from '../users/user-fields.js';

/** The registration that an entry describes; missing keys have their defaults. */
export function toRegistration(entry: ClientMetadata & Pick<ClientEntry, 'client_id'>): ClientRegistration {
  const { client_id: clientId, client_name: name = clientId, grant_types: grantTypes = [] } = entry;
  const { refresh_token_policy: policy = grantTypes.includes('refresh_token') ? 'unlimited' : 'none' } =
    entry;
  const given = { ...entry, client_name: name, refresh_token_policy: policy };
  return { clientId, ...fromWire(CLIENT_FIELDS, given) };
}

/** The fields of an entry for this registration: the keys that do not have their default. */
export function writtenClientFields(registration: ClientRegistration, enabled: boolean): EntryFields {
  const { clientId, grantTypes } = registration;
  const defaults = clientFields(toRegistration({ client_id: clientId, grant_types: [...grantTypes] }));
  return withoutDefaults(
    { ...clientFields(registration), enabled },
    { ...defaults, grant_types: [], enabled: true },
  );
}

/** The secrets of an entry, in the form in which they are stored. */
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

/** The fields of an entry for this user: the keys that do not have their default. */
export function writtenUserFields(
  sub: string | null,
  attributes: UserAttributes,
  enabled: boolean,
): EntryFields {
  const defaults = { ...userFields(fromWire(USER_FIELDS, {})), enabled: true };
  return withoutDefaults({ sub, ...userFields(attributes), enabled }, defaults);
}
