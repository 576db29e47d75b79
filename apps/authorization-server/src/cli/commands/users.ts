import { USER_FIELDS } from '../../users/user-fields.js';
import type { CommandModule } from '../cli-command.js';
import { optionsOf } from '../fields.js';
import type { Session } from '../online/session.js';
import { onlineOptions, ONLINE } from '../options.js';
import { ENABLED, shortTime } from '../output/show.js';
import { assertInteractive, readNewSecret, readSecret } from '../prompt.js';
import { find, ResourceCommands, type Resource } from '../resource.js';

/** The fields of a user beside the password. */
const FIELDS = optionsOf(USER_FIELDS);

const USERS: Resource = {
  area: 'users',
  path: 'users',
  key: 'username',
  names: 'user',
  fields: FIELDS,
  changes: [{ name: 'username', kind: 'text', help: 'another name; sub and all sessions stay' }, ...FIELDS],
  columns: [
    'username',
    'sub',
    ENABLED,
    { name: 'groups', isText: true },
    { name: 'allowed_scope', isText: true },
  ],
  filters: [
    { flags: '--prefix <text>', help: 'whose name begins with this' },
    { flags: '--group <name>', help: 'in this group' },
    { flags: '--disabled', help: 'only disabled ones', parameter: 'enabled', value: 'false' },
  ],
};

export const usersCommand: CommandModule = (program, cli) => {
  const group = program
    .subcommand('users', 'create resource owners, change them, and end their sessions')
    .helpGroup(ONLINE);
  const users = new ResourceCommands(group, cli, USERS);
  users.list('list users');
  users.on('show <user>', 'show one user, by name or by sub', async (session, { path }, { json }) => {
    const { body } = await session.request<UserBody>('users', { path });
    await session.show(json === true ? body : { ...body, throttled: body.throttled.map(describeDelay) });
  });
  users
    .create('create <username>', 'create a user', {
      more: async (session, options: PasswordOptions) => ({
        sub: options.sub,
        ...(await passwordOf(session, options)),
      }),
    })
    .option('--sub <sub>', 'its identifier in tokens (default: a new one)')
    .option('--password-stdin', 'take the password from the standard input; asked for otherwise')
    .option('--password-hash-stdin', 'take a hash of another system from the standard input')
    .option('--change-required', 'the password must be changed before it opens anything else')
    .example('users create alice --groups staff', 'asks for the password');
  users.update('update <user>', 'change the name, groups or scopes');
  onlineOptions(group.subcommand('set-password <user>', 'set the password, which ends all sessions'))
    .option('--password-stdin', 'take it from the standard input; asked for otherwise')
    .option('--change-required', 'the user must change it before it opens anything else')
    .runsOnline(cli, async (session, user: string, options: PasswordOptions) => {
      // The password is read first: if there is no such user, a password that is typed ahead must not reach the shell.
      const body = await passwordOf(session, options);
      const { path } = await find(session, USERS, user);
      await session.request('users', { method: 'PUT', path: `${path}/password`, body });
      session.note('Set; all sessions have ended.');
    });
  users.action(
    'disable <user>',
    'disable a user, which ends all sessions for good',
    'Disabled; all sessions have ended.',
  );
  users.action('enable <user>', 'enable a user; ended sessions stay ended', 'Enabled.');
  users
    .action(
      'unlock <user>',
      'forget failed logins, so that the next try need not wait',
      'Failed logins are forgotten.',
      ({ address }) => ({ address }),
    )
    .option('--address <address>', 'those from an address that has logged in before');
  users.action(
    'reset-factors <user>',
    'remove the second factors of a user who has lost them, which ends all sessions',
    'The second factors are removed; all sessions have ended.',
  );
  users.delete(
    'delete <user>',
    'delete a user and end all sessions',
    (name) => `Delete the user ${name} and end all sessions?`,
  );
  onlineOptions(
    group.subcommand('import <file>', 'create users from a file of JSON lines; - is the standard input'),
  )
    .option(
      '--skip-existing',
      'leave users as they are whose name exists, to go on after an import that stopped',
    )
    .option('--pre-hash <digest>', 'the hashes are of a digest of the password, such as sha256-hex')
    .option('--pepper <name>', 'the hashes have a pepper, which the server knows by this name')
    .option('--pepper-at <place>', 'where the pepper is added: end, start, or key of HMAC (default: end)')
    .example(
      'users import users.ndjson',
      'lines such as {"username": "alice", "password_hash": "$2b$12$..."}',
    )
    .runs(cli, async () => (await import('../online/import-users.js')).importUsers);
};

/** A user as the server returns it. */
interface UserBody {
  readonly throttled: readonly {
    readonly sources: string;
    readonly factor: string | null;
    readonly failed_logins: number;
    readonly until: string;
  }[];
}

function describeDelay({
  sources,
  factor,
  failed_logins: failures,
  until,
}: UserBody['throttled'][number]): string {
  const where = sources === 'without_address' ? 'without an address' : 'from unknown addresses';
  const what = factor === null ? '' : ` (${factor})`;
  return `${where} until ${shortTime(until)}: ${failures} failed logins${what}`;
}

interface PasswordOptions {
  readonly sub?: string;
  readonly passwordStdin?: boolean;
  readonly passwordHashStdin?: boolean;
  readonly changeRequired?: boolean;
}

async function passwordOf({ cli: { terminal } }: Session, options: PasswordOptions): Promise<object> {
  const required = options.changeRequired === true ? { password_change_required: true } : {};
  if (options.passwordHashStdin === true) {
    return { password_hash: await readSecret(terminal, 'password hash'), ...required };
  }
  if (options.passwordStdin !== true) {
    assertInteractive(terminal, '--password-stdin and give the password there');
  }
  return { password: await readNewSecret(terminal, 'password'), ...required };
}
