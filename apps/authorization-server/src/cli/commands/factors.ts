import { Option } from 'commander';
import type { CommandModule } from '../cli-command.js';
import type { Session } from '../online/session.js';
import { listOptions, ONLINE } from '../options.js';

interface MissingOptions {
  readonly client?: string;
  readonly group?: string;
  readonly count?: boolean;
}

const COLUMNS = ['username', 'sub', { name: 'last_login_at', title: 'LAST LOGIN' }];

export const factorsCommand: CommandModule = (program, cli) => {
  const group = program.subcommand('factors', 'see who has which second factor').helpGroup(ONLINE);
  listOptions(
    group.subcommand('missing', 'list enabled users without a second factor: who would have to enrol one'),
  )
    .addOption(
      new Option('--client <client>', 'only those who have logged in with a password through this client')
        // One list knows clients, and another one groups.
        .conflicts('group'),
    )
    .option('--group <name>', 'only those in this group')
    .option('--count', 'how many there are in all, and no list')
    .example('factors missing --count', 'how many users have none')
    .example('factors missing --client shop-backend', 'who has to enrol once the client requires it')
    .runsOnline(cli, listMissing);
};

async function listMissing(session: Session, { client, group, count }: MissingOptions): Promise<void> {
  if (count === true) {
    await session.show((await session.request<object>('users', { path: 'second-factors' })).body);
    return;
  }
  const query = { has_second_factor: 'false', enabled: 'true' };
  if (client === undefined)
    return session.list('users', { path: 'users', query: { ...query, group } }, COLUMNS);
  const id = encodeURIComponent(await session.names.idOf('client', client));
  await session.list('clients', { path: `password-grant-usage/${id}/users`, query }, COLUMNS);
}
