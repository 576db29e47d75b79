import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { showTable, type TableChoices } from '../output/show-table.js';
import type { Column } from '../output/table.js';
import { readSecret } from '../prompt.js';
import type { JsonOption } from '../commands/options.js';
import { normalizeUrl } from './connection.js';
import { profilesPath, readProfiles, writeProfiles } from './profiles.js';

interface ProfileRow {
  readonly name: string;
  readonly url: string;
  readonly client_id: string;
}

const COLUMNS: readonly Column<ProfileRow>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'URL', value: ({ url }) => url },
  { title: 'CLIENT ID', value: (profile) => profile.client_id },
];

export async function setProfile(
  { terminal, environment }: Cli,
  name: string,
  { url, clientId }: { readonly url: string; readonly clientId: string },
): Promise<void> {
  const server = normalizeUrl(url);
  const clientSecret = await readSecret(terminal, 'client secret');
  const profiles = readProfiles(environment);
  writeProfiles(environment, { ...profiles, [name]: { url: server, clientId, clientSecret } });
  terminal.note(`Stored in ${profilesPath(environment)}.`);
}

export async function listProfiles(cli: Cli, options: JsonOption & TableChoices): Promise<void> {
  const { terminal, environment } = cli;
  const rows = Object.entries(readProfiles(environment)).map(([name, { url, clientId }]) => ({
    name,
    url,
    client_id: clientId,
  }));
  if (options.json === true) return terminal.printJson(rows);
  if (rows.length === 0) return terminal.note('There are none: see `latchkey profiles set --help`.');
  await showTable(cli, COLUMNS, rows, options);
}

export function deleteProfile({ terminal, environment }: Cli, name: string): void {
  const profiles = readProfiles(environment);
  if (!Object.hasOwn(profiles, name)) throw CliError.usage(`There is no profile ${name}`);
  writeProfiles(environment, Object.fromEntries(Object.entries(profiles).filter(([key]) => key !== name)));
  terminal.note('Forgotten.');
}
