import { Option } from 'commander';
import type { Cli, TableChoices } from '../cli.js';
import type { CommandModule } from '../cli-command.js';
import { CliError } from '../cli-error.js';
import { RefusalError } from '../online/http.js';
import type { Session } from '../online/session.js';
import { listOptions, onlineOptions, ONLINE, wideOption } from '../options.js';
import { columnsOf } from '../output/show.js';
import { showTable } from '../output/table.js';
import { find, type Resource } from '../resource.js';

const USERS: Resource = { area: 'users', path: 'users', names: 'user', columns: [] };

const FACTOR_COLUMNS = columnsOf([
  'id',
  'type',
  'state',
  'created_at',
  { name: 'last_used_at', title: 'LAST USED' },
]);

const MISSING_COLUMNS = ['username', 'sub', { name: 'last_login_at', title: 'LAST LOGIN' }];

interface FactorsBody {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly recovery_codes: number;
}

interface NewFactorBody {
  readonly id: string;
  readonly secret: string;
  readonly otpauth_uri: string;
}

interface ListOptions extends TableChoices {
  readonly json?: boolean;
}

interface MissingOptions {
  readonly client?: string;
  readonly group?: string;
  readonly count?: boolean;
}

export const factorsCommand: CommandModule = (program, cli) => {
  const group = program
    .subcommand('factors', 'see who has which second factor, add and remove them')
    .helpGroup(ONLINE);
  onlineOptions(group.subcommand('list <user>', 'list the second factors of a user: never their secrets'))
    .addOption(wideOption())
    .runsOnline(cli, listFactors);
  onlineOptions(
    group.subcommand('add <user>', 'give a user an authenticator (TOTP): shows its QR code and secret, once'),
  )
    .example('factors add alice', 'shows the QR code, and asks for the first code')
    .runsOnline(cli, addFactor);
  onlineOptions(
    group.subcommand('confirm <user> <factor> <code>', 'put a new second factor to use, by a code of it'),
  ).runsOnline(cli, async (session, user: string, factor: string, code: string) => {
    await session.show(
      await confirm(session, `${await pathOf(session, user)}/${encodeURIComponent(factor)}`, code),
    );
  });
  onlineOptions(group.subcommand('remove <user> <factor>', 'remove one, which ends all sessions of the user'))
    .option('--yes', 'without asking')
    .runsOnline(cli, async (session, user: string, factor: string) => {
      const path = `${await pathOf(session, user)}/${encodeURIComponent(factor)}`;
      await session.agree(`Remove the second factor ${factor} of ${user} and end all sessions?`);
      await session.request('users', { method: 'DELETE', path });
      session.note('Removed; all sessions have ended.');
    });
  listOptions(
    group.subcommand('missing', 'list enabled users without a second factor: who would have to enrol one'),
  )
    .addOption(
      new Option('--client <client>', 'only those who have logged in with a password through this client')
        // Clients and groups are in different lists.
        .conflicts('group'),
    )
    .option('--group <name>', 'only those in this group')
    .option('--count', 'how many there are in all, and no list')
    .example('factors missing --count', 'how many users have none')
    .example('factors missing --client shop-backend', 'who has to enrol once the client requires it')
    .runsOnline(cli, listMissing);
};

async function pathOf(session: Session, user: string): Promise<string> {
  return `${(await find(session, USERS, user)).path}/factors`;
}

async function listFactors(session: Session, user: string, options: ListOptions): Promise<void> {
  const { body } = await session.request<FactorsBody>('users', { path: await pathOf(session, user) });
  if (options.json === true) return session.show(body);
  if (body.data.length > 0) await showTable(session.cli, FACTOR_COLUMNS, body.data, options);
  else session.note('There is none.');
  session.note(`Recovery codes left: ${body.recovery_codes}`);
}

async function addFactor(session: Session, user: string, options: ListOptions): Promise<void> {
  const path = await pathOf(session, user);
  const request = { method: 'POST', path, body: { type: 'totp' } } as const;
  const { body } = await session.request<NewFactorBody>('users', request);
  const { id, otpauth_uri: uri } = body;
  if (options.json !== true) await showQrCode(session.cli, uri, options);
  await session.show(body);
  if (options.json === true || !session.cli.terminal.isInteractive) {
    session.note(`It is asked for once it is confirmed: latchkey factors confirm ${user} ${id} CODE`);
    return;
  }
  await confirmTyped(session, `${path}/${id}`);
  session.note('Confirmed: it is asked for from now on.');
}

async function showQrCode(
  { terminal, environment }: Cli,
  uri: string,
  { color }: TableChoices,
): Promise<void> {
  if (terminal.stdout.isTTY !== true) return;
  const { qrCode } = await import('../output/qr-code.js');
  const [plain = ''] = qrCode(uri, false);
  if (plain.length > terminal.width) {
    terminal.note(`The QR code needs ${plain.length} columns; type the secret, or make the terminal wider.`);
    return;
  }
  await terminal.print(...qrCode(uri, color !== false && terminal.hasColour(environment)));
}

/** @throws CliError when the input is empty */
async function confirmTyped(session: Session, path: string): Promise<void> {
  for (;;) {
    const code = await session.cli.terminal.lines.ask('Code that the application shows: ', { isShown: true });
    if (code.trim() === '') throw new CliError('It is not confirmed, and is not asked for');
    try {
      await confirm(session, path, code.trim());
      return;
    } catch (error) {
      if (!(error instanceof RefusalError) || error.httpStatus !== 400) throw error;
      session.note('The code is wrong. See that the clocks of the device and of the server are right.');
    }
  }
}

async function confirm(session: Session, path: string, code: string): Promise<object> {
  const request = { method: 'POST', path: `${path}/confirm`, body: { code } } as const;
  return (await session.request<object>('users', request)).body;
}

async function listMissing(session: Session, { client, group, count }: MissingOptions): Promise<void> {
  if (count === true) {
    await session.show((await session.request<object>('users', { path: 'second-factors' })).body);
    return;
  }
  const query = { has_second_factor: 'false', enabled: 'true' };
  if (client === undefined)
    return session.list('users', { path: 'users', query: { ...query, group } }, MISSING_COLUMNS);
  const id = encodeURIComponent(await session.names.idOf('client', client));
  await session.list('clients', { path: `password-grant-usage/${id}/users`, query }, MISSING_COLUMNS);
}
