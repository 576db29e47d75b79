import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { table } from '../output/table.js';
import { readSecret } from '../prompt.js';
import type { JsonOption } from '../commands/options.js';
import { normalizeUrl } from './connection.js';
import { profilesPath, readProfiles, writeProfiles } from './profiles.js';

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

export async function listProfiles({ terminal, environment }: Cli, { json }: JsonOption): Promise<void> {
  const rows = Object.entries(readProfiles(environment)).map(([name, { url, clientId }]) => ({
    name,
    url,
    client_id: clientId,
  }));
  if (json === true) return terminal.printJson(rows);
  if (rows.length === 0) return terminal.note('There are none: see `latchkey profiles set --help`.');
  await terminal.print(
    ...table(
      [
        { title: 'NAME', value: (row) => row.name },
        { title: 'URL', value: (row) => row.url },
        { title: 'CLIENT ID', value: (row) => row.client_id },
      ],
      rows,
      terminal.width,
    ),
  );
}

export function deleteProfile({ terminal, environment }: Cli, name: string): void {
  const profiles = readProfiles(environment);
  if (!Object.hasOwn(profiles, name)) throw CliError.usage(`There is no profile ${name}`);
  writeProfiles(environment, Object.fromEntries(Object.entries(profiles).filter(([key]) => key !== name)));
  terminal.note('Forgotten.');
}
