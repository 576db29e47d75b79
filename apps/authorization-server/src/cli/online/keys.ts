import type { Cli } from '../cli.js';
import type { Column } from '../output/table.js';
import { AdminClient } from './admin-client.js';
import { agree, type AgreeOptions } from '../prompt.js';
import type { OnlineOptions } from './connection.js';
import { showList, type ListOptions } from './list.js';
import { shortTime } from './show.js';

interface KeyBody {
  readonly kid: string;
  readonly purpose: string;
  readonly alg: string | null;
  readonly state: string;
  readonly created_at: string;
}

const COLUMNS: readonly Column<KeyBody>[] = [
  { title: 'KID', value: ({ kid }) => kid },
  { title: 'PURPOSE', value: ({ purpose }) => purpose },
  { title: 'ALG', value: ({ alg }) => alg ?? '' },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'CREATED', value: (key) => shortTime(key.created_at) },
];

export function listKeys(cli: Cli, options: OnlineOptions & ListOptions): Promise<void> {
  return showList(cli, AdminClient.connect(cli, options), 'keys', { path: 'keys' }, COLUMNS, options);
}

export async function rotateKey(
  cli: Cli,
  purpose: string,
  options: OnlineOptions & AgreeOptions & { readonly force?: boolean; readonly revokeOthers?: boolean },
): Promise<void> {
  const { force = false, revokeOthers = false } = options;
  const client = AdminClient.connect(cli, options);
  if (revokeOthers) await agree(cli, `End at once all that the ${purpose} keys have made?`, options);
  await client.request('keys', {
    method: 'POST',
    ...(revokeOthers
      ? { path: 'keys/revoke', body: { purposes: [purpose] } }
      : { path: 'keys/rotate', body: { purpose, force } }),
  });
  cli.terminal.note(revokeOthers ? 'Rotated; what the keys so far have made is refused.' : 'Rotated.');
}
