import type { CommandModule } from '../cli-command.js';
import { jsonOption, onlineOptions, wideOption, ONLINE } from '../options.js';

const run = () => import('../online/profile-commands.js');

export const profilesCommand: CommandModule = (program, cli) => {
  const profiles = program
    .subcommand('profiles', 'store servers and credentials under names, in a file that only you can read')
    .helpGroup(ONLINE);

  profiles
    .subcommand('set <name>', 'store one; the secret is asked for, or taken from the standard input')
    .requiredOption('--url <url>', 'the server')
    .requiredOption('--client-id <id>', 'the client to act as')
    .option('--no-verify', 'store it without asking the server whether it is right')
    .example(
      'profiles set default --url https://login.example.com --client-id latchkey-admin',
      'used by all commands',
    )
    .runs(cli, async () => (await run()).setProfile);

  profiles
    .subcommand('list', 'list them, without secrets; * is the one that commands use', { isDefault: true })
    .addOption(jsonOption())
    .addOption(wideOption())
    .runs(cli, async () => (await run()).listProfiles);

  profiles.subcommand('delete <name>', 'forget one').runs(cli, async () => (await run()).deleteProfile);
};

export const whoamiCommand: CommandModule = (program, cli) => {
  onlineOptions(
    program.subcommand('whoami', 'show the server, the client that commands act as, and what it may do'),
  )
    .helpGroup(ONLINE)
    .example('whoami --profile staging', 'what another profile is')
    .runs(cli, async () => (await import('../online/profile-commands.js')).whoAmI);
};

export const loginCommand: CommandModule = (program, cli) => {
  program
    .subcommand('login <username>', 'try a login as a client would: shows what it gets, and ends it again')
    .helpGroup(ONLINE)
    .requiredOption('--client-id <id>', 'the client to log in through; its secret is asked for')
    .option('--url <url>', 'the server (default: LATCHKEY_URL)')
    .option('--scope <scopes>', 'what to ask for')
    .option('--keep', 'do not end it: the login stays in the list of authorizations')
    .option('--secrets-stdin', 'take the client secret and the password from two lines of the standard input')
    .addOption(jsonOption())
    .example('login alice --client-id shop-backend', 'does alice get in, and with which scopes?')
    .runs(cli, async () => (await import('../online/login.js')).tryLogin);
};
