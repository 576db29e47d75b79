import type { CommandModule } from '../cli-command.js';
import { addFieldOptions, requireField } from '../online/fields.js';
import { USER_CHANGES, USER_FIELDS } from '../online/user-fields.js';
import { ONLINE } from './groups.js';
import { listOptions, onlineOptions } from '../options.js';

const run = () => import('../online/users.js');

export const usersCommand: CommandModule = (program, cli) => {
  const users = program
    .subcommand('users', 'create resource owners, change them, and end their sessions')
    .helpGroup(ONLINE);

  listOptions(users.subcommand('list', 'list users'))
    .option('--prefix <text>', 'whose name begins with this')
    .option('--group <name>', 'in this group')
    .option('--disabled', 'only disabled ones')
    .runs(cli, async () => (await run()).listUsers);

  onlineOptions(users.subcommand('show <user>', 'show one user, by name or by sub')).runs(
    cli,
    async () => (await run()).showUser,
  );

  onlineOptions(addFieldOptions(users.subcommand('create <username>', 'create a user'), USER_FIELDS))
    .option('--sub <sub>', 'its identifier in tokens (default: a new one)')
    .option('--password-stdin', 'take the password from the standard input; asked for otherwise')
    .option('--password-hash-stdin', 'take a hash of another system from the standard input')
    .option('--change-required', 'the password must be changed before it opens anything else')
    .example('users create alice --groups staff', 'asks for the password')
    .runs(cli, async () => (await run()).createUser);

  const update = users.subcommand('update <user>', 'change the name, groups or scopes');
  requireField(onlineOptions(addFieldOptions(update, USER_CHANGES)), USER_CHANGES).runs(
    cli,
    async () => (await run()).updateUser,
  );

  onlineOptions(users.subcommand('set-password <user>', 'set the password, which ends all sessions'))
    .option('--password-stdin', 'take it from the standard input; asked for otherwise')
    .option('--change-required', 'the user must change it before it opens anything else')
    .runs(cli, async () => (await run()).setPassword);

  onlineOptions(users.subcommand('disable <user>', 'disable a user, which ends all sessions for good')).runs(
    cli,
    async () => (await run()).disableUser,
  );

  onlineOptions(users.subcommand('enable <user>', 'enable a user; ended sessions stay ended')).runs(
    cli,
    async () => (await run()).enableUser,
  );

  onlineOptions(users.subcommand('unlock <user>', 'forget failed logins, so that the next try need not wait'))
    .option('--address <address>', 'those from an address that has logged in before')
    .runs(cli, async () => (await run()).unlockUser);

  onlineOptions(users.subcommand('delete <user>', 'delete a user and end all sessions'))
    .option('--yes', 'without asking')
    .runs(cli, async () => (await run()).deleteUser);

  onlineOptions(
    users.subcommand('import <file>', 'create users from a file of JSON lines; - is the standard input'),
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
