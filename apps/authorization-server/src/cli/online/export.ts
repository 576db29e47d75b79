import type { ClientResponse } from '../../admin/client.messages.js';
import type { GroupResponse } from '../../admin/groups.controller.js';
import type { ScopeResponse } from '../../admin/scopes.controller.js';
import type { UserResponse } from '../../admin/user.messages.js';
import { withoutDefaults } from '../../audit/field-changes.js';
import { fromWire, type WrittenFields } from '../../fields/field.js';
import { USER_FIELDS } from '../../users/user-fields.js';
import { toRegistration, writtenClientFields } from '../../provisioning/entries.js';
import type { ClientEntry } from '../../provisioning/configuration-document.js';
import type { WrittenEntry } from '../../provisioning/configuration-exporter.js';
import { writtenUserFields } from '../../provisioning/entries.js';
import { writeConfiguration } from '../../provisioning/configuration-writer.js';
import type { AdministrativeArea } from '../../scopes/reserved-scope.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import type { ExportOptions } from '../options.js';
import { writePrivateFile } from '../output/private-file.js';
import { AdminClient } from './admin-client.js';
import { eachRow } from './list.js';

/** Exports what the administration API returns as a configuration file: everything except secrets and passwords. */
export async function exportOnline(cli: Cli, options: ExportOptions): Promise<void> {
  if (options.withSecrets === true) {
    throw CliError.usage(
      'The server gives no hashes away, so --with-secrets works on the database only',
      'Run it where the server runs, without --online.',
    );
  }
  const client = AdminClient.connect(cli, options);
  const { body } = await client.request<{ data: GroupResponse[] }>('users', { path: 'groups' });
  const groups = body.data.map(groupEntry);
  const configuration = {
    scopes: entries<ScopeResponse>(client, 'scopes', scopeEntry),
    ...(groups.length > 0 && { groups }),
    clients: entries<ClientResponse>(client, 'clients', clientEntry),
    users: entries<UserResponse>(client, 'users', userEntry),
  };
  const { output, format } = options;
  if (output === undefined) {
    return writeConfiguration(configuration, format, (text) => cli.terminal.write(text));
  }
  await writePrivateFile(output, (write) => writeConfiguration(configuration, format, write));
}

/** The entries of a list of the server. */
async function* entries<T>(
  client: AdminClient,
  list: AdministrativeArea,
  toEntry: (response: T) => WrittenEntry | null,
): AsyncIterable<WrittenEntry> {
  for await (const response of eachRow<T>(client, list)) {
    const entry = toEntry(response);
    if (entry !== null) yield entry;
  }
}

function scopeEntry({ name, description, built_in: isBuiltIn }: ScopeResponse): WrittenEntry | null {
  return isBuiltIn ? null : { name, ...(description !== '' && { description }) };
}

function groupEntry({ name, ...rule }: GroupResponse): WrittenEntry {
  return { name, ...withoutDefaults(rule, {}) };
}

function clientEntry(response: ClientResponse): WrittenEntry {
  const given = Object.entries(response).filter(([, value]) => value !== null);
  const registration = toRegistration(Object.fromEntries(given) as unknown as ClientEntry);
  return { client_id: response.client_id, ...writtenClientFields(registration, response.enabled) };
}

function userEntry(response: UserResponse): WrittenEntry {
  const { sub, username, enabled, ...members } = response;
  const attributes = fromWire(USER_FIELDS, members as WrittenFields<typeof USER_FIELDS>);
  return { username, ...writtenUserFields(sub, attributes, enabled) };
}
